import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { V1Job } from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import { failureOf, Outside, type Program, Trial, type World } from "./plugins-trial";
import { openWorld } from "./plugins-world";

const CONTAINERS = [{ name: "run", image: "registry.example/run:1" }];
const REPLACE = { "pulumi.com/replaceUnready": "true" };

describe("Jobs of the kubernetes plugin, official or stand-in", function () {
  this.timeout(120_000);
  let world: World;
  let outside: Outside;
  let trial: Trial;
  let namespace: string;

  before(async () => {
    world = await openWorld("plugins-jobs");
    outside = new Outside(world);
  });
  after(() => world.close());
  beforeEach(async () => {
    namespace = `trial-${randomBytes(4).toString("hex")}`;
    await outside.keep({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    trial = new Trial(world, namespace);
  });
  afterEach(async () => {
    trial.end();
    await outside.end();
  });

  /** A Job that completes, or one whose pod fails, as the sandbox lets it fail. */
  const job =
    (annotations: Record<string, string>, fails: boolean): Program =>
    ({ on, namespace }) => {
      const pod: Record<string, string> = fails ? { "stackyard.dev/sandbox-fault": "fail" } : {};
      const template = { metadata: { annotations: pod }, spec: { restartPolicy: "Never", containers: CONTAINERS } };
      new k8s.batch.v1.Job("job", { metadata: { name: "job", namespace, annotations }, spec: { backoffLimit: 0, template } }, on);
    };
  const uid = async () => (await outside.has<V1Job>("batch/v1", "Job", "job", namespace)).metadata?.uid;

  it("that fail end the run at once, and say what their pods say, each line with what it is about", async () => {
    const error = await failureOf(trial.up(job({}, true)));
    assert.match(error, /backoff limit/);
    assert.match(error, /\[Pod trial-\w+\/job-\w+\].*code 1\b/);
    assert.doesNotMatch(error, /undefined/);
  });

  it("that failed are made anew by the next run with pulumi.com/replaceUnready, and else stay as they are", async () => {
    await failureOf(trial.up(job(REPLACE, true)));
    const first = await uid();
    assert.ok((await trial.preview(job(REPLACE, true))).includes("replace job"));
    await failureOf(trial.up(job(REPLACE, true)));
    const second = await uid();
    assert.notEqual(second, first);

    await failureOf(trial.up(job({}, true)));
    assert.equal(await uid(), second);
    await trial.up(job(REPLACE, false));
    assert.deepEqual(await trial.preview(job(REPLACE, false)), [], "one that has completed is not run again");
  });
});
