import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, IncomingHttpHeaders, Server } from "node:http";
import { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { cdnNginxOf, walletNginxOf } from "../../components/plinko/nginx";
import { NameServer, startNameServer } from "../support/dns";
import { Nginx, Reply, startNginxFile } from "../support/nginx";

/** The nginx configurations of Plinko, as they are deployed, in a real nginx. */

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "Origin, X-Requested-With, Content-Type, Accept, Range",
  "access-control-expose-headers": "Content-Length, Content-Range, Accept-Ranges",
  "access-control-max-age": "3600",
};
const assertCors = ({ headers }: Reply, methods: string, where: string) => {
  for (const [name, value] of Object.entries({ ...CORS, "access-control-allow-methods": methods })) {
    assert.equal(headers[name], value, `${name} of ${where}`);
  }
};

describe("nginx of Plinko's CDN", function () {
  this.timeout(120_000); // the first time nginx has to be fetched

  const hint = Buffer.concat([randomBytes(100_000), Buffer.alloc(200_000)]);
  const delta = randomBytes(64);
  let data: string;
  let nginx: Nginx;
  let plain: Nginx;
  before(async () => {
    data = await mkdtemp(join(tmpdir(), "stackyard-plinko-"));
    await mkdir(join(data, "deltas"));
    await writeFile(join(data, "hint.bin"), hint);
    await writeFile(join(data, "address-mapping.bin"), "mapping");
    await writeFile(join(data, "database.bin"), "private");
    await writeFile(join(data, "deltas/delta-000001.bin"), delta);
    await writeFile(join(data, "deltas/notes.txt"), "private");
    const config = (enabled: boolean) => (folder: string) =>
      cdnNginxOf({ listen: `unix:${folder}/cdn.sock`, scratch: folder, data, cacheMaxAge: 1800, gzip: { enabled, level: 6 } });
    nginx = await startNginxFile(config(true), "cdn.sock");
    plain = await startNginxFile(config(false), "cdn.sock");
  });
  after(async () => {
    await nginx?.stop();
    await plain?.stop();
    await rm(data, { recursive: true, force: true });
  });
  const ask = (path: string, headers?: Record<string, string>, method?: string) => nginx.ask("cdn.sock", path, headers, method);

  const PUBLIC = ["/health", "/hint.bin", "/address-mapping.bin", "/deltas/", "/deltas/delta-000001.bin"];

  for (const path of [...PUBLIC, "/nowhere", "/database.bin"]) {
    it(`answers ${path} and its preflight with CORS`, async () => {
      for (const headers of [{}, { Range: "bytes=0-1" }] as Record<string, string>[])
        assertCors(await ask(path, headers), "GET, HEAD, OPTIONS", path);
      const preflight = await ask(path, { Origin: "https://elsewhere.example.com", "Access-Control-Request-Headers": "Range" }, "OPTIONS");
      assert.equal(preflight.status, 204);
      assertCors(preflight, "GET, HEAD, OPTIONS", `preflight of ${path}`);
    });
  }

  it("serves each public file whole, and says how long it may be kept", async () => {
    const { status, headers, bytes } = await ask("/hint.bin");
    assert.equal(status, 200);
    assert.deepEqual(bytes, hint);
    assert.equal(headers["content-length"], `${hint.length}`);
    assert.equal(headers["accept-ranges"], "bytes");
    assert.equal(headers["content-type"], "application/octet-stream");
    assert.equal(headers["cache-control"], "max-age=1800");
    assert.equal((await ask("/address-mapping.bin")).body, "mapping");
    assert.deepEqual((await ask("/deltas/delta-000001.bin")).bytes, delta);
  });

  for (const headers of [{}, { "Accept-Encoding": "gzip, deflate, br" }] as Record<string, string>[]) {
    it(`serves ranges of hint.bin${headers["Accept-Encoding"] ? ", to browsers too, which always accept gzip" : ""}`, async () => {
      const { status, bytes, headers: got } = await ask("/hint.bin", { ...headers, Range: "bytes=99000-101999" });
      assert.equal(status, 206);
      assert.deepEqual(bytes, hint.subarray(99_000, 102_000));
      assert.equal(got["content-range"], `bytes 99000-101999/${hint.length}`);
      assert.equal(got["content-length"], "3000");
      assert.equal(got["content-encoding"], undefined);
      const tail = await ask("/hint.bin", { ...headers, Range: "bytes=-5" });
      assert.deepEqual(tail.bytes, hint.subarray(-5));
      assert.equal((await ask("/hint.bin", { ...headers, Range: "bytes=99999999-" })).status, 416);
    });
  }

  it("compresses what is asked for whole, unless told not to", async () => {
    const packed = await ask("/hint.bin", { "Accept-Encoding": "gzip" });
    assert.equal(packed.headers["content-encoding"], "gzip");
    assert.equal(packed.headers["vary"], "Accept-Encoding");
    assert.ok(packed.bytes.length < hint.length / 2);
    assert.deepEqual(gunzipSync(packed.bytes), hint);
    const { headers, bytes } = await plain.ask("cdn.sock", "/hint.bin", { "Accept-Encoding": "gzip" });
    assert.equal(headers["content-encoding"], undefined);
    assert.deepEqual(bytes, hint);
  });

  it("lists the deltas, fresh each time", async () => {
    const { status, headers, body } = await ask("/deltas/");
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "application/json");
    assert.equal(headers["cache-control"], "no-cache");
    assert.deepEqual(body.match(/delta-(\d{6})\.bin/g), ["delta-000001.bin"]);
    assert.ok(Array.isArray(JSON.parse(body)));
  });

  it("says that it is healthy, in one content type", async () => {
    const { status, headers, body } = await ask("/health");
    assert.deepEqual([status, headers["content-type"], body], [200, "text/plain", "healthy\n"]);
  });

  it("serves and lists nothing else of the volume", async () => {
    for (const path of ["/", "/database.bin", "/data", "/data/", "/deltas", "/deltas/notes.txt", "/deltas/../database.bin", "/hint.bin/"]) {
      const { status, body } = await ask(path);
      assert.equal(status, 404, path);
      assert.ok(!/private|database\.bin/.test(body), path);
    }
    // a path that the client left as it is
    assert.equal((await ask("/deltas/%2e%2e/database.bin")).status, 404);
    assert.equal((await ask("/hint.bin", {}, "DELETE")).status, 405);
  });
});

describe("nginx of Plinko's wallet", function () {
  this.timeout(120_000);

  interface Asked {
    readonly url: string;
    readonly method: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }
  let files: string;
  let names: NameServer;
  let nginx: Nginx;
  let asked: Asked[] = [];
  const upstreams: Server[] = [];
  const upstream = async (name: string) => {
    const server = createServer((request, response) => {
      const body: Buffer[] = [];
      request.on("data", (chunk: Buffer) => body.push(chunk));
      request.on("end", () => {
        const { url = "", method = "", headers } = request;
        asked.push({ url, method, headers, body: Buffer.concat(body).toString() });
        // an upstream that answers CORS itself
        response.writeHead(url.startsWith("/broken") ? 500 : 200, { "Access-Control-Allow-Origin": "*", "Content-Type": "text/plain" });
        response.end(name);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    upstreams.push(server);
    return (server.address() as AddressInfo).port;
  };
  const PIR = "plinko-pir-server.plinko.svc.cluster.local";
  const CDN = "plinko-cdn-mock.plinko.svc.cluster.local";

  before(async () => {
    files = await mkdtemp(join(tmpdir(), "stackyard-plinko-"));
    await mkdir(join(files, "html/assets"), { recursive: true });
    await writeFile(join(files, "html/index.html"), "<title>wallet</title>");
    await writeFile(join(files, "html/assets/index.js"), "let wallet;".repeat(200));
    await writeFile(join(files, "mime.types"), "types { text/html html; application/javascript js; }");
    names = await startNameServer();
    await writeFile(join(files, "resolver.conf"), `resolver 127.0.0.1:${names.port} valid=1s;\n`);
    const [pir, cdn] = [await upstream("pir"), await upstream("cdn")];
    // neither name is known yet
    nginx = await startNginxFile(
      (folder) =>
        walletNginxOf({
          listen: `unix:${folder}/wallet.sock`,
          scratch: folder,
          files: join(files, "html"),
          mimeTypes: join(files, "mime.types"),
          resolver: join(files, "resolver.conf"),
          pirServer: `${PIR}:${pir}`,
          cdn: `${CDN}:${cdn}`,
          bodySize: "1m",
          timeoutSeconds: 60,
        }),
      "wallet.sock",
    );
  });
  after(async () => {
    await nginx?.stop();
    names?.stop();
    for (const server of upstreams) server.close();
    await rm(files, { recursive: true, force: true });
  });
  beforeEach(() => (asked = []));
  const ask = (path: string, headers?: Record<string, string>, method?: string) => nginx.ask("wallet.sock", path, headers, method);

  it("starts without its upstreams, and serves the wallet meanwhile", async () => {
    assert.equal((await ask("/api/health")).status, 502);
    assert.equal((await ask("/")).body, "<title>wallet</title>");
  });

  it("finds the upstreams once they are there", async () => {
    names.add(PIR);
    names.add(CDN);
    let reply = await ask("/api/health");
    while (reply.status === 502) reply = await ask("/api/health"); // until nginx asks for the name again
    assert.equal(reply.body, "pir");
  });

  for (const [prefix, name, methods] of [
    ["api", "pir", "GET, POST, OPTIONS"],
    ["cdn", "cdn", "GET, HEAD, OPTIONS"],
  ] as const) {
    it(`leads /${prefix}/ to its upstream, without the prefix and with the client's address`, async () => {
      const { body } = await ask(`/${prefix}/deltas/a%20b.bin?from=1&to=2`, { Host: "wallet.example.com", Range: "bytes=0-9" });
      assert.equal(body, name);
      assert.deepEqual([asked[0]?.url, asked[0]?.headers.host], ["/deltas/a%20b.bin?from=1&to=2", "wallet.example.com"]);
      assert.equal(asked[0]?.headers.range, "bytes=0-9");
      assert.ok(asked[0] && "x-real-ip" in asked[0].headers && "x-forwarded-for" in asked[0].headers);
      await ask(`/${prefix}/`, {}, "POST");
      assert.deepEqual([asked[1]?.url, asked[1]?.method], ["/", "POST"]);
    });

    it(`answers /${prefix}/ with CORS once, errors and preflights too`, async () => {
      assertCors(await ask(`/${prefix}/x`), methods, `/${prefix}/`);
      const broken = await ask(`/${prefix}/broken`);
      assert.equal(broken.status, 500);
      assertCors(broken, methods, `an error of /${prefix}/`);
      asked = [];
      const preflight = await ask(`/${prefix}/query/plaintext`, { Origin: "https://elsewhere.example.com" }, "OPTIONS");
      assert.equal(preflight.status, 204);
      assertCors(preflight, methods, `preflight of /${prefix}/`);
      assert.deepEqual(asked, []);
    });
  }

  it("falls back to its index for paths that the wallet's own router knows", async () => {
    for (const path of ["/", "/index.html", "/send/to/somebody"]) {
      const { status, headers, body } = await ask(path);
      assert.deepEqual([status, body, headers["content-type"]], [200, "<title>wallet</title>", "text/html"], path);
      assert.equal(headers["cache-control"], "no-store");
    }
  });

  it("serves its assets, compressed where they are long", async () => {
    const script = await ask("/assets/index.js", { "Accept-Encoding": "gzip" });
    assert.equal(script.headers["content-type"], "application/javascript");
    assert.equal(script.headers["content-encoding"], "gzip");
    assert.equal(gunzipSync(script.bytes).toString(), await readFile(join(files, "html/assets/index.js"), "utf8"));
    assert.equal((await ask("/", { "Accept-Encoding": "gzip" })).headers["content-encoding"], undefined);
  });
});
