import * as z from "zod";
import { Annotations, DnsLabel, flag, text } from "../kubernetes/options";
import { checkExisting, exactlyOne, installed, Replicas, SecretName, Url } from "./part-options";

const together = (one: string, other: string) => ({
  path: ["secrets", one],
  error: `is missing: secrets.${one} and secrets.${other} go together`,
});

const Aws = z
  .strictObject({
    region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, "AWS region: write it like eu-central-1").meta({ description: "AWS region." }),
    service: z.enum(["SecretsManager", "ParameterStore"]).default("SecretsManager").meta({ description: "Service of AWS." }),
    role: z.string().min(1).optional().meta({ description: "ARN of a role that is assumed." }),
    secrets: z
      .strictObject({ accessKeyId: SecretName.optional(), secretAccessKey: SecretName.optional() })
      .refine(({ accessKeyId, secretAccessKey }) => !accessKeyId || secretAccessKey, together("secretAccessKey", "accessKeyId"))
      .refine(({ accessKeyId, secretAccessKey }) => !secretAccessKey || accessKeyId, together("accessKeyId", "secretAccessKey"))
      .prefault({})
      .meta({ description: "Access key. Default: the identity of the operator's ServiceAccount." }),
  })
  .meta({ description: "AWS Secrets Manager or Parameter Store." });

const Gcp = z
  .strictObject({
    projectId: z.string().min(1).meta({ description: "Project of the secrets." }),
    secrets: z
      .strictObject({ serviceAccountKey: SecretName.optional() })
      .prefault({})
      .meta({ description: "Key of a service account, as JSON. Default: the identity of the operator's ServiceAccount." }),
  })
  .meta({ description: "Google Cloud Secret Manager." });

const Azure = z
  .strictObject({
    vaultUrl: z.url({ protocol: /^https$/, error: "is no address of a vault: write it like https://name.vault.azure.net" }).meta({
      description: "Address of the key vault.",
    }),
    tenantId: z.string().optional().meta({ description: "Tenant of the service principal." }),
    identityId: z.string().optional().meta({ description: "Client of a managed identity. Default: workload identity." }),
    secrets: z
      .strictObject({ clientId: SecretName.optional(), clientSecret: SecretName.optional() })
      .refine(({ clientId, clientSecret }) => !clientId || clientSecret, together("clientSecret", "clientId"))
      .refine(({ clientId, clientSecret }) => !clientSecret || clientId, together("clientId", "clientSecret"))
      .prefault({})
      .meta({ description: "Service principal, where there is no identity." }),
  })
  .superRefine(({ tenantId, identityId, secrets }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (secrets.clientId && tenantId === undefined) wrong("tenantId", "is missing: a service principal (secrets.clientId) has a tenant");
    if (secrets.clientId && identityId !== undefined) wrong("identityId", "is not used beside secrets.clientId: leave one of them out");
  })
  .meta({ description: "Azure Key Vault." });

const Vault = z
  .strictObject({
    server: Url.meta({ description: "Address of Vault." }),
    path: z.string().min(1).default("secret").meta({ description: "Path that the secrets engine is mounted at." }),
    version: z.enum(["v1", "v2"]).default("v2").meta({ description: "Version of the secrets engine." }),
    role: z.string().optional().meta({ description: "Role of the Kubernetes auth method, for the operator's ServiceAccount." }),
    mountPath: z.string().min(1).default("kubernetes").meta({ description: "Path that the Kubernetes auth method is mounted at." }),
    secrets: z
      .strictObject({ token: SecretName.optional() })
      .prefault({})
      .meta({ description: "Token, where the Kubernetes auth method is not used." }),
  })
  .refine(({ role, secrets }) => (role === undefined) !== (secrets.token === undefined), {
    path: ["role"],
    error: "is one of two ways to log in: write either `role`, for the Kubernetes auth method, or secrets.token",
  })
  .meta({ description: "HashiCorp Vault or OpenBao." });

const Fake = z
  .strictObject({
    data: z.record(z.string(), z.string()).meta({ description: "Key to value. They stand in clear in file and cluster: no real secret." }),
  })
  .meta({ description: "Values from this file, for development." });

const PROVIDERS = ["aws", "gcp", "azure", "vault", "fake"] as const;

const Store = z
  .strictObject({
    name: DnsLabel.default("stackyard").meta({ description: "Name of the ClusterSecretStore." }),
    existing: flag(false, "It is on the cluster already: it is named here, and not made."),
    aws: Aws.optional(),
    gcp: Gcp.optional(),
    azure: Azure.optional(),
    vault: Vault.optional(),
    fake: Fake.optional(),
  })
  .superRefine((store, context) => {
    if (!store.existing) return exactlyOne(PROVIDERS)(store, context);
    for (const name of PROVIDERS.filter((name) => store[name] !== undefined)) {
      const message = "is not used where `existing` is true: leave one of them out";
      context.addIssue({ code: "custom", path: [name], message, params: { remedy: "remove" } });
    }
  })
  .meta({ description: "ClusterSecretStore that systems read their secrets from." });
export type Store = z.output<typeof Store>;

export const ExternalSecrets = z
  .strictObject({
    ...installed("External Secrets", "external-secrets"),
    replicas: Replicas("operator, webhook and certificate controller each"),
    serviceAccountAnnotations: Annotations.default({}).meta({
      description: "Annotations that give its ServiceAccount an identity in the cloud, such as eks.amazonaws.com/role-arn.",
    }),
    store: Store.optional(),
  })
  .superRefine(checkExisting)
  .meta({ description: "External Secrets operator and the store that it reads from." });
export type ExternalSecrets = z.output<typeof ExternalSecrets>;
