import { strict as assert } from "node:assert";
import { Platform, type PlatformArgs } from "../../components/platform";
import { at, named, refusals } from "./components/engine";
import { kinds, planned } from "./platform-given";

const s3 = { bucket: "backups" };
const keyed = { ...s3, secrets: { accessKeyId: "id", secretAccessKey: "key" } };
const secretValues = { id: "AKIA-1", key: "s3cr3t-2", repo: "pw-3" };
const valuesOf = async (args: PlatformArgs) => at(named((await planned(args)).resources, "platform-velero"), "values");

describe("platform: Velero", function () {
  this.timeout("20s"); // the first plan loads the Kubernetes SDK

  it("writes to the bucket that is named, of AWS or of a store that speaks as S3 does", async () => {
    const aws = at(
      await valuesOf({ velero: { s3: { ...s3, region: "eu-central-1", prefix: "clusters/prod" } } }),
      "configuration.backupStorageLocation.0",
    );
    assert.deepEqual(aws, {
      name: "default",
      default: true,
      provider: "aws",
      bucket: "backups",
      prefix: "clusters/prod",
      config: { region: "eu-central-1" },
    });
    const minio = await valuesOf({ velero: { s3: { ...s3, endpoint: "https://minio.example.com" } } });
    assert.deepEqual(at(minio, "configuration.backupStorageLocation.0.config"), {
      region: "us-east-1",
      s3Url: "https://minio.example.com",
      s3ForcePathStyle: "true",
    });
  });

  it("has its keys in a Secret and nowhere else, or an identity in the cloud", async () => {
    const { resources } = await planned({ velero: { s3: keyed, secrets: { repositoryPassword: "repo" } }, secretValues });
    const inClear = JSON.stringify(resources.map(({ inputs }) => inputs));
    for (const secret of Object.values(secretValues)) assert.ok(!inClear.includes(secret), secret);
    const [file] = resources.filter(({ name }) => name === "platform-velero-s3");
    assert.equal(at(file?.values, "stringData.cloud"), "[default]\naws_access_key_id=AKIA-1\naws_secret_access_key=s3cr3t-2\n");
    const values = at(named(resources, "platform-velero"), "values");
    assert.deepEqual(at(values, "credentials"), { useSecret: true, existingSecret: "platform-velero-s3-made" });

    const identity = { "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/velero" };
    const without = await valuesOf({ velero: { s3, serviceAccountAnnotations: identity } });
    assert.deepEqual(at(without, "credentials"), { useSecret: false });
    assert.deepEqual(at(without, "serviceAccount.server.annotations"), identity);
  });

  it("encrypts files with the password that is named, where Velero looks for it", async () => {
    const { resources } = await planned({ velero: { s3, secrets: { repositoryPassword: "repo" } }, secretValues });
    const [secret] = resources.filter(({ name }) => name === "platform-velero-password");
    assert.deepEqual(
      [at(secret?.values, "metadata.name"), at(secret?.values, "metadata.namespace")],
      ["velero-repo-credentials", "velero"],
    );
    assert.equal(at(secret?.values, "stringData.repository-password"), "pw-3");
    assert.ok((await planned({ velero: { s3 } })).resources.every(({ name }) => name !== "platform-velero-password"));
  });

  it("is privileged only for its node agent, which reads the nodes' folders", async () => {
    const level = async (velero: PlatformArgs["velero"]) => {
      const { resources } = await planned({ velero, snapshotController: { existing: true } });
      const labels = at(named(resources, "platform-velero-namespace"), "metadata.labels") as Record<string, string>;
      return [labels["pod-security.kubernetes.io/enforce"], at(named(resources, "platform-velero"), "values.deployNodeAgent")];
    };
    assert.deepEqual(await level({ s3 }), ["privileged", true]);
    assert.deepEqual(await level({ s3, nodeAgent: false, snapshots: true }), ["baseline", false]);
  });

  it("takes snapshots where it is told to, of the class that is the default", async () => {
    const args = (snapshots: boolean): PlatformArgs => ({
      velero: { s3, snapshots },
      snapshotController: {
        existing: true,
        classes: { slow: { driver: "ebs.csi.aws.com" }, fast: { driver: "ebs.csi.aws.com", default: true } },
      },
    });
    const marked = async (snapshots: boolean) =>
      kinds((await planned(args(snapshots))).resources, "VolumeSnapshotClass")
        .filter(({ inputs }) => (at(inputs, "metadata.labels") as Record<string, string>)["velero.io/csi-volumesnapshot-class"] === "true")
        .map(({ inputs }) => at(inputs, "metadata.name"));
    assert.equal(at(await valuesOf(args(true)), "configuration.features"), "EnableCSI");
    assert.deepEqual(await marked(true), ["fast"]);
    assert.equal(at(await valuesOf(args(false)), "configuration.features"), undefined);
    assert.deepEqual(await marked(false), []);
  });

  it("never takes its CRDs away, with which the backups would go", async () => {
    const values = await valuesOf({ velero: { s3 } });
    assert.deepEqual([at(values, "cleanUpCRDs"), at(values, "upgradeCRDs")], [false, false]);
  });

  it("says where schedules belong, and whether they can ask for snapshots", async () => {
    const { platform } = await planned({ velero: { s3, namespace: "backups" } });
    assert.deepEqual(platform.backups, { namespace: "backups", snapshots: false });
    assert.equal((await planned({})).platform.backups, undefined);
  });

  it("is refused where it could keep nothing, or back up no volume", () => {
    const refused = (args: PlatformArgs) => refusals(() => new Platform("platform", args))[0];
    assert.match(refused({ velero: {} }) ?? "", /^velero\.s3: is missing: name the bucket/);
    assert.match(refused({ velero: { existing: true, s3 } }) ?? "", /^velero\.s3: is not used where `existing` is true/);
    assert.match(refused({ velero: { s3, nodeAgent: false } }) ?? "", /^velero\.nodeAgent: is false, and so is snapshots/);
    assert.match(refused({ velero: { s3, snapshots: true } }) ?? "", /^snapshotController: is missing: Velero's snapshots are made by it/);
    const half = { ...s3, secrets: { accessKeyId: "id" } };
    assert.match(refused({ velero: { s3: half }, secretValues }) ?? "", /^velero\.s3\.secrets\.secretAccessKey: goes together/);
  });
});
