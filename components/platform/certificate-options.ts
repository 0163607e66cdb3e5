import * as z from "zod";
import { Annotations, DnsLabel, flag, HostName, Labels, text } from "../kubernetes/options";
import { checkExisting, exactlyOne, installed, Replicas, SecretName } from "./part-options";

const Zones = z
  .array(HostName)
  .min(1, { error: "is empty: name the zones, such as example.com" })
  .meta({ description: "DNS zones whose hosts are proved this way." });

const Route53 = z
  .strictObject({
    region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, "AWS region: write it like eu-central-1").meta({ description: "AWS region." }),
    hostedZoneId: z.string().optional().meta({ description: "Hosted zone. Default: found by name." }),
    role: text(/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/, "role: write its ARN, arn:aws:iam::<account>:role/<name>")
      .optional()
      .meta({ description: "Role that is assumed." }),
    accessKeyId: z.string().optional().meta({ description: "Access key. Default: the identity of cert-manager's ServiceAccount." }),
    secrets: z
      .strictObject({ secretAccessKey: SecretName.optional() })
      .prefault({})
      .meta({ description: "Secret access key, beside accessKeyId." }),
  })
  .superRefine(({ accessKeyId, secrets }, context) => {
    if ((accessKeyId === undefined) === (secrets.secretAccessKey === undefined)) return;
    const path = accessKeyId === undefined ? ["accessKeyId"] : ["secrets", "secretAccessKey"];
    context.addIssue({ code: "custom", path, message: "is missing: accessKeyId and secrets.secretAccessKey go together" });
  })
  .meta({ description: "Amazon Route 53." });

const CloudDns = z
  .strictObject({
    project: z.string().min(1).meta({ description: "Project of the zones." }),
    hostedZoneName: z.string().optional().meta({ description: "Managed zone. Default: found by name." }),
    secrets: z
      .strictObject({ serviceAccountKey: SecretName.optional() })
      .prefault({})
      .meta({ description: "Key of a service account, as JSON. Default: the identity of cert-manager's ServiceAccount." }),
  })
  .meta({ description: "Google Cloud DNS." });

const AzureDns = z
  .strictObject({
    subscriptionId: z.string().min(1).meta({ description: "Subscription of the zones." }),
    resourceGroup: z.string().min(1).meta({ description: "Resource group of the zones." }),
    hostedZoneName: z.string().optional().meta({ description: "Zone. Default: found by name." }),
    tenantId: z.string().optional().meta({ description: "Tenant of the service principal." }),
    clientId: z.string().min(1).meta({ description: "Client of the managed identity, or of the service principal." }),
    secrets: z
      .strictObject({ clientSecret: SecretName.optional() })
      .prefault({})
      .meta({ description: "Secret of the service principal. Default: managed identity." }),
  })
  .superRefine(({ tenantId, secrets }, context) => {
    if (secrets.clientSecret === undefined || tenantId !== undefined) return;
    context.addIssue({
      code: "custom",
      path: ["tenantId"],
      message: "is missing: a service principal (secrets.clientSecret) has a tenant",
    });
  })
  .meta({ description: "Azure DNS." });

const Cloudflare = z
  .strictObject({
    secrets: z.strictObject({ apiToken: SecretName }).meta({ description: "API token that may edit the zones." }),
  })
  .meta({ description: "Cloudflare." });

const Solver = z
  .strictObject({
    zones: Zones,
    route53: Route53.optional(),
    cloudDns: CloudDns.optional(),
    azureDns: AzureDns.optional(),
    cloudflare: Cloudflare.optional(),
  })
  .superRefine(exactlyOne(["route53", "cloudDns", "azureDns", "cloudflare"]))
  .meta({ description: "Zones and the one provider that has them." });
export type Solver = z.output<typeof Solver>;

const Issuer = z
  .strictObject({
    email: z
      .email({
        error: ({ input }) => `${JSON.stringify(input)} is no email address: write one that somebody reads, such as ops@example.com`,
      })
      .meta({ description: "Address that Let's Encrypt writes to." }),
    server: z
      .enum(["staging", "production"])
      .meta({ description: "Server of Let's Encrypt. Certificates of `staging` are trusted by no browser, and not limited in number." }),
    http01: flag(true, "Prove hosts over HTTP, through the edge. Hosts in a zone of dns01 are proved there."),
    dns01: z
      .record(DnsLabel, Solver)
      .default({})
      .meta({ description: "Prove hosts, wildcards too, by DNS records. By a name of your own." }),
  })
  .refine(({ http01, dns01 }) => http01 || Object.keys(dns01).length > 0, {
    path: ["http01"],
    error: "is false, and there is no dns01: nothing could prove a host; leave http01 out, or add a solver to dns01",
  })
  .meta({ description: "ClusterIssuer of Let's Encrypt." });
export type Issuer = z.output<typeof Issuer>;

export const CertManager = z
  .strictObject({
    ...installed("cert-manager", "cert-manager"),
    replicas: Replicas("controller, webhook and CA injector each"),
    issuers: z.record(DnsLabel, Issuer).default({}).meta({ description: "ClusterIssuers that are made, by name." }),
    existingIssuers: z.array(DnsLabel).default([]).meta({ description: "ClusterIssuers that are on the cluster already." }),
    serviceAccountAnnotations: Annotations.default({}).meta({
      description: "Annotations that give its ServiceAccount an identity in the cloud, such as eks.amazonaws.com/role-arn.",
    }),
    podLabels: Labels.default({}).meta({ description: "Labels of its pods, such as azure.workload.identity/use." }),
  })
  .superRefine(checkExisting)
  .meta({ description: "cert-manager and its issuers. `{}` installs it without an issuer." });
export type CertManager = z.output<typeof CertManager>;
