import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { checked } from "../kubernetes/arguments";
import type { Reachable } from "../kubernetes/network";
import { probesOf } from "../kubernetes/probes";
import { LibSqlOptions } from "./options";
import { BackingArgs, serve } from "./service";

export type LibSqlArgs = BackingArgs & z.input<typeof LibSqlOptions>;

const PORT = 8080;
const DATA = "/var/lib/sqld";

/** A libSQL server for development: one pod, no token asked, no backup. */
export class LibSql extends pulumi.ComponentResource {
  /** What goes into TURSO_URL. */
  public readonly url: pulumi.Output<string>;
  /** How its clients' network policies name it. */
  public readonly reachable: Reachable;
  /** Name of the claim, which is kept. */
  public readonly claim: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError that names every wrong argument */
  constructor(name: string, args: LibSqlArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, clients, transform, ...given } = args;
    const options = checked(LibSqlOptions, given, `LibSql "${name}"`);
    super("stackyard:backing:LibSql", name, { namespace, clients, ...given }, opts);

    const { address, claim, reachable } = serve(this, name, { namespace, clients, transform }, options, {
      app: "libsql",
      port: PORT,
      user: 666, // sqld, of the image
      dataPath: DATA,
      container: {
        image: options.image,
        // past the image's wrapper, which changes owners as root
        command: ["/bin/sqld"],
        env: [
          { name: "SQLD_NODE", value: "primary" },
          { name: "SQLD_HTTP_LISTEN_ADDR", value: `0.0.0.0:${PORT}` },
          { name: "SQLD_DB_PATH", value: `${DATA}/data.sqld` },
        ],
        resources: options.resources,
        ...probesOf({ httpGet: { path: "/health", port: PORT } }, { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 5 }),
      },
    });
    this.url = pulumi.interpolate`http://${address}`;
    this.reachable = reachable;
    this.claim = claim;
    this.registerOutputs({ url: this.url, claim });
  }
}
