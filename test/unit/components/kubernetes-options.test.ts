import { strict as assert } from "node:assert";
import type { z } from "zod";
import {
  CountOrPercent,
  CpuQuantity,
  DnsLabel,
  Duration,
  HostName,
  Image,
  ImageParts,
  imageOf,
  Labels,
  NetworkPeer,
  Port,
  Quantity,
} from "../../../components/kubernetes/options";

const D = `sha256:${"0f".repeat(32)}`;

const cases: { name: string; schema: z.ZodType; good: unknown[]; bad: unknown[]; says: RegExp }[] = [
  {
    name: "Quantity",
    schema: Quantity,
    good: ["512Mi", "1.5Gi", "100M"],
    bad: ["512mb", "", "-1Gi", "0Mi", 512, "1.5"],
    says: /such as 512Mi/,
  },
  { name: "CpuQuantity", schema: CpuQuantity, good: ["250m", "2", "0.5"], bad: ["0.0001", "0", "two", 2, "1.5m"], says: /such as "2"/ },
  { name: "Port", schema: Port, good: [1, 65535], bad: [0, 65536, 80.5, "80"], says: /1 to 65535/ },
  { name: "DnsLabel", schema: DnsLabel, good: ["a", "a-1"], bad: ["A", "-a", "a-", "a.b", "a".repeat(64)], says: /no dash at either end/ },
  {
    name: "HostName",
    schema: HostName,
    good: ["do.example.com", "*.example.com", "localhost"],
    bad: ["https://a.com", "a.com:80", "a..com", "a.com/x", "A.com"],
    says: /without scheme, port or path/,
  },
  {
    name: "Image",
    schema: Image,
    good: ["nginx:1.27", "r.example.com:5000/a/b:1", `ghcr.io/a/b@${D}`, `ghcr.io/a/b:1@${D}`],
    bad: ["nginx", "r.example.com:5000/a", "A:1", "a:", `a@sha256:12`],
    says: /with a tag or digest/,
  },
  { name: "CountOrPercent", schema: CountOrPercent, good: [0, 3, "25%", "100%"], bad: ["101%", -1, "3", 1.5], says: /whole number, or/ },
  { name: "Duration", schema: Duration, good: ["30s", "1m30s"], bad: ["30", "s", "1 m"], says: /such as 30s/ },
  {
    name: "NetworkPeer",
    schema: NetworkPeer,
    good: [{ namespace: "a" }, { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] }, { podLabels: { a: "b" } }, { cidr: "fd00::/8" }],
    bad: [
      {},
      { cidr: "10.0.0.0" },
      { namespace: "a", cidr: "10.0.0.0/8" },
      { namespace: "a", namespaceLabels: { b: "c" } },
      { podLabels: { a: "b" }, except: ["10.0.0.0/8"] },
    ],
    says: /either|range|both|cidr/,
  },
  { name: "Labels", schema: Labels, good: [{ "example.com/a": "b", c: "" }], bad: [{ "a b": "c" }, { a: "b c" }, { a: 1 }], says: /label/ },
];

describe("shared options", () => {
  for (const { name, schema, good, bad, says } of cases) {
    it(`${name} takes what Kubernetes takes, and says what it takes where it refuses`, () => {
      for (const value of good) assert.ok(schema.safeParse(value).success, `refused ${JSON.stringify(value)}`);
      for (const value of bad) {
        const { error } = schema.safeParse(value);
        assert.ok(error, `took ${JSON.stringify(value)}`);
        assert.match(error.issues.map(({ message }) => message).join(), says);
        assert.equal(error.issues.length, 1, `${JSON.stringify(value)}: ${error.message}`);
      }
    });
  }

  it("ImageParts asks for a tag or a digest, and makes one reference of its parts", () => {
    const schema = ImageParts("ghcr.io/a/b");
    assert.match(schema.safeParse({}).error?.issues[0]?.message ?? "", /no default tag/);
    assert.equal(imageOf(schema.parse({ tag: "1" })), "ghcr.io/a/b:1");
    assert.equal(imageOf(schema.parse({ digest: D })), `ghcr.io/a/b@${D}`);
    assert.equal(imageOf(schema.parse({ repository: "r:5000/x", tag: "1", digest: D })), `r:5000/x:1@${D}`);
    assert.ok(!schema.safeParse({ repository: "a/b:1", tag: "1" }).success);
  });
});
