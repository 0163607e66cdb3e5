import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { z } from "zod";
import { checked } from "../kubernetes/arguments";
import { childrenOf } from "../kubernetes/child";
import type { Reachable } from "../kubernetes/network";
import { probesOf } from "../kubernetes/probes";
import { secretOf } from "../kubernetes/secrets";
import { MinIOOptions } from "./options";
import { BackingArgs, metadataOf, serve } from "./service";

export type MinIOArgs = BackingArgs & z.input<typeof MinIOOptions>;

const APP = "minio";
const PORT = 9000;
const DATA = "/data";

/** MinIO for development: one pod, its bucket, and keys that are made once and kept in the state as secrets. */
export class MinIO extends pulumi.ComponentResource {
  /** What goes into R2_ENDPOINT. */
  public readonly url: pulumi.Output<string>;
  public readonly bucket: pulumi.Output<string>;
  /** Secret. */
  public readonly accessKey: pulumi.Output<string>;
  /** Secret. */
  public readonly secretKey: pulumi.Output<string>;
  /** How its clients' network policies name it. */
  public readonly reachable: Reachable;
  /** Name of the claim, which is kept. */
  public readonly claim: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError that names every wrong argument */
  constructor(name: string, args: MinIOArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, clients, transform, ...given } = args;
    const options = checked(MinIOOptions, given, `MinIO "${name}"`);
    super("stackyard:backing:MinIO", name, { namespace, clients, ...given }, opts);

    const child = childrenOf(this, name);
    const user = child(random.RandomPassword, "access-key", { length: 20, special: false });
    const password = child(random.RandomPassword, "secret-key", { length: 40, special: false });
    this.accessKey = pulumi.secret(user.result);
    this.secretKey = pulumi.secret(password.result);
    const keys = child(
      k8s.core.v1.Secret,
      "keys",
      secretOf(metadataOf(APP, name, namespace), { MINIO_ROOT_USER: this.accessKey, MINIO_ROOT_PASSWORD: this.secretKey }),
    );

    const { image, resources, bucket } = options;
    const { address, claim, reachable } = serve(this, name, { namespace, clients, transform }, options, {
      app: APP,
      port: PORT,
      user: 1000, // the image has no user of its own
      dataPath: DATA,
      // on a single drive a folder of its root is a bucket, so no client has to make it, and it is private
      prepare: { name: "bucket", image, resources, command: ["mkdir", "-p", `${DATA}/${bucket}`] },
      container: {
        image,
        args: ["server", DATA, "--address", `:${PORT}`],
        env: [{ name: "HOME", value: "/tmp" }],
        envFrom: [{ secretRef: { name: keys.metadata.name } }],
        resources,
        ...probesOf({ httpGet: { path: "/minio/health/live", port: PORT } }, { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 5 }),
      },
    });
    this.url = pulumi.interpolate`http://${address}`;
    this.bucket = pulumi.output(bucket);
    this.reachable = reachable;
    this.claim = claim;
    this.registerOutputs({ url: this.url, bucket, claim, accessKey: this.accessKey, secretKey: this.secretKey });
  }
}
