import { strict as assert } from "node:assert";
import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GENERATE, PREPARE, PREPARE_WALLET, PUBLISH, WAIT, WAIT_RPC } from "../../components/plinko/scripts";
import { fromDebian } from "../support/debian";

/** What runs around the programs in the pods of Plinko, in the shells that may run it: Debian's own and busybox. */

const ACCOUNTS = 100;
const DATABASE_BYTES = ACCOUNTS * 8;
const MAPPING_BYTES = ACCOUNTS * 24;

/** hint.bin for that database: 32 bytes of header, then 4 sets of chunks. Who takes entries for longer finds fewer of them in it. */
const CHUNK = { 8: 32, 52: 8 };
const hint = (entry: 8 | 52 = 8) => {
  const bytes = Buffer.alloc(32 + 4 * CHUNK[entry] * entry, 7);
  [DATABASE_BYTES / entry, CHUNK[entry], 4, 0].forEach((value, index) => bytes.writeBigUInt64LE(BigInt(Math.trunc(value)), 8 * index));
  return bytes;
};

for (const shell of ["sh", "busybox"]) {
  describe(`scripts around the programs of Plinko, under ${shell}`, function () {
    this.timeout(60_000); // the first time busybox has to be fetched

    let command: string[];
    let path: string;
    before(async () => {
      if (shell === "sh") return ([command, path] = [["/bin/sh"], process.env["PATH"] ?? ""]);
      const busybox = (await fromDebian("busybox", "bin/busybox")).path;
      // every tool by its own name, so that none of the system's is found
      path = await mkdtemp(join(tmpdir(), "stackyard-busybox-"));
      const install = spawn(busybox, ["--install", "-s", path]);
      assert.deepEqual(await once(install, "exit"), [0, null]);
      command = [join(path, "sh")];
    });
    after(() => (shell === "busybox" ? rm(path, { recursive: true }) : undefined));

    const running: ChildProcess[] = [];
    let volume: string;
    beforeEach(async () => (volume = await mkdtemp(join(tmpdir(), "stackyard-plinko-"))));
    afterEach(async () => {
      for (const run of running.splice(0)) run.kill("SIGKILL");
      await rm(volume, { recursive: true, force: true });
    });

    const start = (script: string, ...values: (string | number)[]) => {
      const [program = "", ...rest] = command;
      const run = spawn(program, [...rest, "-c", script, "test", ...values.map(String)], { env: { PATH: path } });
      const said = { out: "", errors: "" };
      run.stdout.on("data", (chunk) => (said.out += String(chunk)));
      run.stderr.on("data", (chunk) => (said.errors += String(chunk)));
      running.push(run);
      const ended = once(run, "close").then(([code]) => ({ code: code as number | null, ...said }));
      return { run, said, ended };
    };
    const finish = (script: string, ...values: (string | number)[]) => start(script, ...values).ended;

    /** Starts a wait and returns how to see that it has looked again and still waits. */
    const waiting = (kind: string, folder: string) => {
      const wait = start(WAIT, kind, join(volume, folder), DATABASE_BYTES, MAPPING_BYTES, 0.02);
      const looks = () => wait.said.out.split("\n").length;
      const stillWaits = async (why: string) => {
        const before = looks();
        while (looks() < before + 3) {
          assert.equal(wait.run.exitCode, null, `it took ${why} for whole`);
          await Promise.race([once(wait.run.stdout, "data"), wait.ended]);
        }
      };
      return { ...wait, stillWaits };
    };

    const write = async (folder: string, files: Record<string, Buffer>) => {
      await mkdir(join(volume, folder), { recursive: true });
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(volume, folder, name), bytes);
    };
    const database = { "database.bin": Buffer.alloc(DATABASE_BYTES, 1), "address-mapping.bin": Buffer.alloc(MAPPING_BYTES, 2) };

    it("waits for a database until its last byte is written", async () => {
      const wait = waiting("database", "database-1");
      await wait.stillWaits("nothing");
      await write("database-1", { "database.bin": Buffer.alloc(0) });
      await wait.stillWaits("an empty file");
      for (let entry = 0; entry < ACCOUNTS; entry++) {
        if (entry % 40 === 0) await wait.stillWaits(`${entry} entries`);
        await appendFile(join(volume, "database-1/database.bin"), Buffer.alloc(8, 1));
      }
      await wait.stillWaits("a database without its mapping");
      await write("database-1", { "address-mapping.bin": Buffer.alloc(MAPPING_BYTES - 1, 2) });
      await wait.stillWaits("a mapping that lacks a byte");
      await appendFile(join(volume, "database-1/address-mapping.bin"), Buffer.alloc(1));
      assert.equal((await wait.ended).code, 0);
    });

    for (const entry of [8, 52] as const) {
      it(`waits for hints of ${entry} bytes an entry until the last byte that their header promises is written`, async () => {
        const file = join(volume, "serving-1/hint.bin");
        await write("serving-1", database);
        await mkdir(join(volume, "serving-1/deltas"));
        const wait = waiting("serving", "serving-1");
        await wait.stillWaits("no hint.bin");
        const bytes = hint(entry);
        for (const written of [1, 20, 32, 32 + 4 * CHUNK[52] * 8, 32 + DATABASE_BYTES, bytes.length - 1]) {
          await writeFile(file, bytes.subarray(0, written));
          await wait.stillWaits(`${written} of ${bytes.length} bytes`);
        }
        await truncate(file, 0);
        await appendFile(file, Buffer.alloc(bytes.length));
        await wait.stillWaits("a header of zeros");
        await rename(file, `${file}.old`);
        await writeFile(`${file}.new`, bytes);
        await rename(`${file}.new`, file);
        assert.equal((await wait.ended).code, 0);
      });
    }

    if (shell === "busybox") {
      it("waits for an Ethereum node until it answers", async () => {
        const asked: string[] = [];
        const node = createServer((request, response) => {
          request.on("data", (body) => asked.push(String(body)));
          request.on("end", () => void response.writeHead(asked.length < 3 ? 503 : 200).end("{}"));
        }).listen(0, "127.0.0.1");
        await once(node, "listening");
        const { port } = node.address() as { port: number };
        const wait = start(WAIT_RPC, `http://127.0.0.1:${port}`, 0.02);
        assert.equal((await wait.ended).code, 0);
        node.close();
        assert.equal(asked.length, 3);
        assert.deepEqual(JSON.parse(asked[0] ?? ""), { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });

        const dead = start(WAIT_RPC, `http://127.0.0.1:${port}`, 0.02);
        await once(dead.run.stdout, "data");
        dead.run.kill("SIGKILL");
        assert.equal((await dead.ended).code, null);
      });
    }

    const prepare = (kind: string, generation: string, ...more: string[]) =>
      finish(PREPARE, volume, kind, generation, DATABASE_BYTES, MAPPING_BYTES, ...more);
    const publish = (kind: string, generation: string) => finish(PUBLISH, volume, kind, generation, DATABASE_BYTES, MAPPING_BYTES);

    it("gives a generation its name only when it is whole", async () => {
      assert.equal((await prepare("database", "database-1")).code, 0);
      await write("database-1.part", { ...database, "database.bin": Buffer.alloc(DATABASE_BYTES - 8) });
      const { code, errors } = await publish("database", "database-1");
      assert.equal(code, 1);
      assert.match(errors, /not whole: database.bin should have 800 bytes, address-mapping.bin 2400/);
      assert.deepEqual(await readdir(volume), ["database-1.part"]);

      // the next try begins anew, or the program would take the rest of the last one for its work
      assert.equal((await prepare("database", "database-1")).code, 0);
      assert.deepEqual(await readdir(join(volume, "database-1.part")), []);
      await write("database-1.part", database);
      assert.equal((await publish("database", "database-1")).code, 0);
      assert.deepEqual(await readdir(volume), ["database-1"]);
    });

    it("makes hints beside the database that they are for, and does not touch what is served", async () => {
      await write("database-1", database);
      await write("serving-0", { "hint.bin": Buffer.from("old") });
      assert.deepEqual(await prepare("serving", "serving-1", "database-1"), { code: 0, out: "", errors: "" });
      await write("serving-1.part", { "hint.bin": hint() });
      assert.equal((await publish("serving", "serving-1")).code, 0);
      assert.deepEqual((await readdir(join(volume, "serving-1"))).sort(), ["address-mapping.bin", "database.bin", "deltas", "hint.bin"]);
      assert.deepEqual(await readFile(join(volume, "serving-1/database.bin")), database["database.bin"]);
      assert.equal(await readFile(join(volume, "serving-0/hint.bin"), "utf8"), "old");
    });

    it("does not run the program again for a generation that is whole", async () => {
      await write("database-1", database);
      assert.equal((await prepare("database", "database-1")).code, 0);
      const generate = GENERATE.replace("/data", join(volume, "database-1.part"));
      assert.notEqual(generate, GENERATE);
      assert.deepEqual(await finish(generate, "echo", "ran"), { code: 0, out: "", errors: "" });
      assert.equal((await publish("database", "database-1")).code, 0);
      assert.deepEqual(await readdir(volume), ["database-1"]);
      assert.deepEqual(await readFile(join(volume, "database-1/database.bin")), database["database.bin"]);

      await prepare("database", "database-2");
      const other = GENERATE.replace("/data", join(volume, "database-2.part"));
      assert.equal((await finish(other, "echo", "ran")).out, "ran\n");
      assert.equal((await finish(other, "false")).code, 1);
    });

    it("keeps the newest three generations, and what others are writing", async () => {
      for (const [index, name] of ["serving-a", "serving-b", "serving-c", "serving-d", "serving-x.part"].entries()) {
        await write(name, {});
        await utimes(join(volume, name), 1000 + index, 1000 + index);
      }
      await write("database-z", database);
      await prepare("serving", "serving-new", "database-z");
      assert.deepEqual((await readdir(volume)).sort(), [
        "database-z",
        "serving-b",
        "serving-c",
        "serving-d",
        "serving-new.part",
        "serving-x.part",
      ]);
    });

    it("copies the wallet's files and tells nginx the name servers", async () => {
      await write("image/assets", { "index.js": Buffer.from("js") });
      await mkdir(join(volume, "copy"));
      await writeFile(
        join(volume, "resolv.conf"),
        "search plinko.svc.cluster.local\nnameserver 10.96.0.10\nnameserver fd00::a\noptions ndots:5\n",
      );
      const values = ["image", "copy", "resolv.conf", "resolver.conf"].map((name) => join(volume, name));
      assert.equal((await finish(PREPARE_WALLET, ...values)).code, 0);
      assert.equal(await readFile(join(volume, "copy/assets/index.js"), "utf8"), "js");
      assert.equal(await readFile(join(volume, "resolver.conf"), "utf8"), "resolver 10.96.0.10 [fd00::a] valid=10s;\n");

      await writeFile(join(volume, "resolv.conf"), "search none\n");
      const { code, errors } = await finish(PREPARE_WALLET, ...values);
      assert.equal(code, 1);
      assert.match(errors, /names no nameserver/);
    });
  });
}
