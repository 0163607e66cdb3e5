import * as pulumi from "@pulumi/pulumi";
import { isIP } from "node:net";
import type { StackOutputs } from "../outputs";
import type { Served } from "./layer";

type DnsRecord = NonNullable<StackOutputs["dns"]>[number];

const TYPES = { 0: "CNAME", 4: "A", 6: "AAAA" } as const;
const typeOf = (value: string) => TYPES[isIP(value) as keyof typeof TYPES];

/** A record for each address; one without type and value where nobody has said one. */
const recordsOf = (name: string, addresses: readonly string[]): DnsRecord[] =>
  addresses.length === 0 ? [{ name }] : addresses.map((value) => ({ name, type: typeOf(value), value }));

/** Names below `localhost` lead to the machine itself, everywhere (RFC 6761). */
const isLocal = (name: string): boolean => name === "localhost" || name.endsWith(".localhost");

/**
 * The DNS records that the hosts of a stack need.
 *
 * @param gateway addresses of the Gateway that serves what no Ingress serves
 */
export const dnsOf = (served: readonly Served[], gateway: pulumi.Input<readonly string[]>): pulumi.Output<DnsRecord[]> =>
  pulumi
    .all([pulumi.output(served), gateway])
    .apply(([all, shared]) =>
      all
        .flatMap(({ urls, address }) =>
          urls
            .map((url) => new URL(url).hostname)
            .flatMap((name) => recordsOf(name, address === undefined ? shared : address === "" ? [] : [address])),
        )
        .filter(({ name }) => !isLocal(name)),
    );
