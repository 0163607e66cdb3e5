import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { z } from "zod";
import { checked } from "../kubernetes/arguments";
import { childrenOf } from "../kubernetes/child";
import type { Reachable } from "../kubernetes/network";
import { probesOf } from "../kubernetes/probes";
import { secretOf } from "../kubernetes/secrets";
import { PostgresOptions } from "./options";
import { BackingArgs, metadataOf, serve } from "./service";

export type PostgresArgs = BackingArgs & z.input<typeof PostgresOptions>;

const APP = "postgres";
const PORT = 5432;
const DATA = "/var/lib/postgresql/data";
const FILES = "/etc/postgres-password";
/** Role and database, both made with the data. */
const OWNER = "app";

/** The image gives the password to new data only; a claim that was kept gets the password of now. */
export const SET_PASSWORD = `set -eu
[ -s "$PGDATA/PG_VERSION" ] || exit 0
printf "ALTER ROLE %s PASSWORD '%s';\\n" "$POSTGRES_USER" "$(cat "$POSTGRES_PASSWORD_FILE")" | postgres --single -c log_min_error_statement=panic -D "$PGDATA" postgres`;

/** Postgres for development: one pod, one database, and a password that is made once and kept in the state as a secret. */
export class Postgres extends pulumi.ComponentResource {
  /** Host and port inside the cluster. */
  public readonly address: pulumi.Output<string>;
  public readonly database: pulumi.Output<string>;
  public readonly user: pulumi.Output<string>;
  /** Secret. */
  public readonly password: pulumi.Output<string>;
  /** How its clients' network policies name it. */
  public readonly reachable: Reachable;
  /** Name of the claim, which is kept. */
  public readonly claim: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError that names every wrong argument */
  constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, clients, transform, ...given } = args;
    const options = checked(PostgresOptions, given, `Postgres "${name}"`);
    super("stackyard:backing:Postgres", name, { namespace, clients, ...given }, opts);

    const child = childrenOf(this, name);
    // letters and digits only, so that it stands in SQL and in a URL as it is
    this.password = pulumi.secret(child(random.RandomPassword, "password", { length: 40, special: false }).result);
    const secret = child(k8s.core.v1.Secret, "secret", secretOf(metadataOf(APP, name, namespace), { password: this.password }));

    const { image, resources } = options;
    const env = [
      { name: "PGDATA", value: `${DATA}/pgdata` }, // a folder that the server makes, and so owns
      { name: "POSTGRES_USER", value: OWNER },
      { name: "POSTGRES_DB", value: OWNER },
      { name: "POSTGRES_PASSWORD_FILE", value: `${FILES}/password` },
    ];
    const { address, claim, reachable } = serve(this, name, { namespace, clients, transform }, options, {
      app: APP,
      port: PORT,
      user: 999, // postgres, of the image
      dataPath: DATA,
      scratch: ["/var/run/postgresql"],
      files: { mountPath: FILES, secretName: secret.metadata.name },
      prepare: { name: "password", image, resources, env, command: ["/bin/bash", "-c", SET_PASSWORD] },
      container: {
        image,
        env,
        resources,
        // by address: while the image prepares new data, the server listens on its socket only
        ...probesOf(
          { exec: { command: ["pg_isready", "-h", "127.0.0.1", "-U", OWNER, "-d", OWNER] } },
          { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 5 },
        ),
      },
    });
    this.address = address;
    this.database = pulumi.output(OWNER);
    this.user = pulumi.output(OWNER);
    this.reachable = reachable;
    this.claim = claim;
    this.registerOutputs({ address, database: OWNER, user: OWNER, password: this.password, claim });
  }

  /**
   * Address with user and password, as a secret.
   *
   * @param scheme what the client's library takes, such as `postgresql+asyncpg`
   */
  public url(scheme = "postgresql"): pulumi.Output<string> {
    return pulumi.secret(pulumi.interpolate`${scheme}://${this.user}:${this.password}@${this.address}/${this.database}`);
  }
}
