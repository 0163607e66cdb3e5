import * as z from "zod";
import { edgeCheck } from "../kubernetes/edge-options";
import { AbsolutePath, Annotations, HostName, Port, Tls, checkTls, exposure } from "../kubernetes/options";

/** How the starter is reached. */

const Hosts = z.array(z.strictObject({ host: HostName }));

const edge = exposure([], "10m", 60);

export const Ingress = z
  .strictObject({
    ...edge,
    hosts: Hosts.default([]).meta({ description: "Hosts whose requests go to web, which is all that browsers talk to." }),
    apiHosts: Hosts.default([]).meta({ description: "Hosts whose requests go to the API directly. Empty: none." }),
    apiTls: z.array(Tls).default([]).meta({ description: "Certificates of apiHosts; those of `tls` are not used for them." }),
  })
  .superRefine((ingress, context) => {
    const { enabled, hosts, apiHosts, apiTls, tls, clusterIssuer } = ingress;
    const wrong = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    if (enabled && hosts.length === 0)
      wrong(["hosts"], "is empty: name a host, such as { host: app.example.com }, or set ingress.enabled to false");
    if (!enabled && apiHosts.length > 0) wrong(["apiHosts"], "has hosts, and ingress.enabled is false: enable it, or take them out");
    checkTls({ hosts, tls, clusterIssuer: apiTls.length > 0 ? undefined : clusterIssuer }, context);
    const served = apiHosts.map(({ host }) => host);
    apiTls.forEach((entry, index) =>
      entry.hosts
        .filter((host) => !served.includes(host))
        .forEach((host) =>
          wrong(
            ["apiTls", index, "hosts"],
            `"${host}" is not among ingress.apiHosts (${served.join(", ")}): add it there or take it out here`,
          ),
        ),
    );
    apiHosts
      .filter(({ host }) => hosts.some((other) => other.host === host))
      .forEach(({ host }) => wrong(["apiHosts"], `"${host}" is among ingress.hosts, too: a host is either web's or the API's`));
  })
  .superRefine(edgeCheck(edge))
  .prefault({})
  .meta({ description: "Ingress of web, and one of the API where it has hosts of its own." });

export const IngressPaths = z
  .strictObject({
    api: AbsolutePath.default("/api").meta({ description: "Path of the web app's own API, on `hosts`; it goes to web, not to the API." }),
    web: AbsolutePath.default("/").meta({ description: "Path of the web app, on `hosts`." }),
    apiHost: AbsolutePath.default("/").meta({ description: "Path of the API, on `apiHosts`." }),
  })
  .prefault({})
  .meta({ description: "Paths of the Ingresses, each a prefix." });

/** @param port port that the container listens on, whatever the Service's is */
export const Service = (port: number) =>
  z
    .strictObject({
      port: Port.default(port).meta({ description: `Port of the Service. The container itself always listens on ${port}.` }),
      annotations: Annotations.default({}).meta({ description: "Annotations of the Service." }),
    })
    .prefault({})
    .meta({ description: "Service that clients use." });
