import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { z } from "zod";
import { checked } from "../kubernetes/arguments";
import { childrenOf } from "../kubernetes/child";
import type { Reachable } from "../kubernetes/network";
import { probesOf } from "../kubernetes/probes";
import { secretOf } from "../kubernetes/secrets";
import { RedisOptions } from "./options";
import { BackingArgs, metadataOf, serve } from "./service";

export type RedisArgs = BackingArgs & z.input<typeof RedisOptions>;

const APP = "redis";
const PORT = 6379;
const FILES = "/etc/redis";

/** Redis for development: one pod, an append-only file, and a password that is made once and kept in the state as a secret. */
export class Redis extends pulumi.ComponentResource {
  /** What goes into REDIS_URL; the password is not in it. */
  public readonly url: pulumi.Output<string>;
  /** Secret. */
  public readonly password: pulumi.Output<string>;
  /** How its clients' network policies name it. */
  public readonly reachable: Reachable;
  /** Name of the claim, which is kept. */
  public readonly claim: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError that names every wrong argument */
  constructor(name: string, args: RedisArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, clients, transform, ...given } = args;
    const options = checked(RedisOptions, given, `Redis "${name}"`);
    super("stackyard:backing:Redis", name, { namespace, clients, ...given }, opts);

    const child = childrenOf(this, name);
    this.password = pulumi.secret(child(random.RandomPassword, "password", { length: 40, special: false }).result);
    // a file, not an argument: arguments are read by whoever lists processes
    const config = child(
      k8s.core.v1.Secret,
      "config",
      secretOf(metadataOf(APP, name, namespace), {
        "redis.conf": pulumi.interpolate`dir /data
appendonly yes
maxmemory ${options.maxMemory}
maxmemory-policy allkeys-lru
requirepass ${this.password}
`,
        password: this.password,
      }),
    );

    const { address, claim, reachable } = serve(this, name, { namespace, clients, transform }, options, {
      app: APP,
      port: PORT,
      user: 999, // redis, of the image
      dataPath: "/data",
      files: { mountPath: FILES, secretName: config.metadata.name },
      container: {
        image: options.image,
        command: ["redis-server", `${FILES}/redis.conf`],
        env: [{ name: "REDISCLI_AUTH", valueFrom: { secretKeyRef: { name: config.metadata.name, key: "password" } } }],
        resources: options.resources,
        // redis-cli ends well even where the server refuses it
        ...probesOf(
          { exec: { command: ["/bin/sh", "-c", "redis-cli ping | grep -q PONG"] } },
          { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
        ),
      },
    });
    this.url = pulumi.interpolate`redis://${address}`;
    this.reachable = reachable;
    this.claim = claim;
    this.registerOutputs({ url: this.url, claim, password: this.password });
  }

  /** Address with the password, as a secret. */
  public urlWithPassword(): pulumi.Output<string> {
    return pulumi.secret(this.url.apply((url) => this.password.apply((password) => url.replace("//", `//:${password}@`))));
  }
}
