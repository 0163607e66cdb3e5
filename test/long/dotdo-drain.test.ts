import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { AddressInfo, connect, createServer } from "node:net";
import { drainScript } from "../../components/dotdo/drain";

describe("draining", function () {
  this.timeout(20_000);

  /** Runs the script against a server of its own; all at once, for each takes its seconds. */
  const drain = async (connected: boolean, limits: { minSeconds: number; maxSeconds: number }) => {
    const server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = connected ? connect(port, "127.0.0.1") : undefined;
    if (client) await once(client, "connect");
    const started = Date.now();
    const script = spawn("/bin/sh", ["-c", drainScript(port, limits)], { stdio: "inherit" });
    const ended = once(script, "exit").then(([code]) => {
      client?.destroy();
      server.close();
      return { code: code as unknown, after: Date.now() - started };
    });
    return { client, script, ended };
  };

  let runs: Awaited<ReturnType<typeof drain>>[];
  before(async () => {
    runs = await Promise.all([
      drain(true, { minSeconds: 0, maxSeconds: 60 }),
      drain(true, { minSeconds: 0, maxSeconds: 2 }),
      drain(false, { minSeconds: 1, maxSeconds: 60 }),
    ]);
  });
  after(() => runs.forEach(({ script }) => script.kill()));

  it("waits while a connection is open, and ends at its latest time", async () => {
    const { code, after } = await runs[1]!.ended;
    assert.equal(code, 0);
    assert.ok(after >= 1000 && after < 6000, `it took ${after} ms`);
  });

  it("ends once the last connection is closed", async () => {
    const { client, script, ended } = runs[0]!;
    assert.equal(script.exitCode, null, "it ended while a connection was open");
    client?.end();
    const { code, after } = await ended;
    assert.equal(code, 0);
    assert.ok(after < 15_000, `it took ${after} ms`);
  });

  it("ends after its shortest time where nothing is connected", async () => {
    const { code, after } = await runs[2]!.ended;
    assert.equal(code, 0);
    assert.ok(after >= 1000 && after < 6000, `it took ${after} ms`);
  });
});
