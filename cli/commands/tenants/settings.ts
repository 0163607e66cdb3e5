import { checkFile, settingsOf, TenantsSection } from "../../../config";
import { configIn } from "../../../sandbox/stack";
import type { ServiceSettings } from "../../../tenants/options";
import { UserError } from "../../errors";

interface File {
  readonly cluster: { readonly context: string; readonly uid: string; readonly kubeconfig?: string };
  readonly service: ServiceSettings;
  readonly mirrors: Readonly<Record<string, string>>;
}

/**
 * What a stack's file says of its service of tenants.
 *
 * @param file path of the `Pulumi.<stack>.yaml` that a run would use
 * @throws Refusal that names every error of the file, UserError where it asks for what the service cannot do
 */
export function settingsIn(stack: string, file: string): File {
  checkFile(stack, file);
  const config = configIn(file);
  const fluxiondb = config["stackyard:fluxiondb"] as { readonly tenants: object } | undefined;
  const { settings = settingsOf(fluxiondb), ...section } = TenantsSection.parse(config["stackyard:tenants"] ?? {});
  if (settings === undefined) {
    throw new UserError(`stack "${stack}" does not say what its tenants have in common`, [
      `$EDITOR Pulumi.${stack}.yaml   # write stackyard:tenants.settings, or section stackyard:fluxiondb`,
    ]);
  }
  const refused = refusedIn(settings, config);
  if (refused !== undefined) throw new UserError(`tenants of a service cannot have ${refused}`, [`$EDITOR Pulumi.${stack}.yaml`]);
  const { mirrors = {} } = (config["stackyard:registry"] ?? {}) as { mirrors?: Record<string, string> };
  return {
    cluster: config["stackyard:cluster"] as File["cluster"],
    service: { ...section, settings, tag: settings.image.tag ?? "", taken: Object.keys(fluxiondb?.tenants ?? {}) },
    mirrors,
  };
}

function refusedIn(
  { image, secret, persistence, suspended }: ServiceSettings["settings"],
  config: Record<string, unknown>,
): string | undefined {
  const registry = config["stackyard:registry"] as { readonly pullSecret?: string } | undefined;
  const refused = {
    "image.digest, or no image.tag: the fleet is upgraded by tags": image.digest !== undefined || image.tag === undefined,
    "secret.name: each has the key of its request": secret.name !== undefined,
    "persistence.existingClaim: each has a claim of its own": persistence.existingClaim !== undefined,
    "persistence.enabled: false, which loses all data at each stop": !persistence.enabled,
    "suspended: each says it by itself": suspended,
    "registry.pullSecret: name Secrets in imagePullSecrets of the settings": registry?.pullSecret !== undefined,
  };
  return Object.entries(refused).find(([, is]) => is)?.[0];
}
