import * as random from "@pulumi/random";
import { FluxionDb } from "../components/fluxiondb";
import { FluxionDbChart } from "../components/fluxiondb/chart";
import { HELD_PATHS, heldBy, heldRefusals, keptOf, type Held, type TenantRefusal } from "../components/fluxiondb/held";
import { NAME as CLAIM, namespaceNameOf, ownsClaim } from "../components/fluxiondb/plan";
import { Refusal, secretOf, tenantsOf, type FluxionDbSection } from "../config";
import { commandsFor, keyOf, quoted } from "../config/commands";
import { externalSecret } from "./external-secret";
import { remediesFor } from "./forbidden";
import { handOver, servedBy, type Deploy, type Questions } from "./layer";
import { keptClaims } from "./namespace";

const NAME = "fluxiondb";

/**
 * Layer `fluxiondb`: a database a tenant.
 *
 * @throws Refusal, before anything is planned, where a tenant is to have what its data do not allow
 */
export async function prepareFluxionDb({ stack, ask }: Questions, section: FluxionDbSection): Promise<Deploy> {
  const tenants = tenantsOf(section);
  const held = await heldIn(stack, ask);
  const refusals = heldRefusals(
    tenants.map(({ options }) => options),
    held,
  );
  if (refusals.length > 0) throw new Refusal(report(stack, refusals));

  return async ({ provider, operators, pullsIn }) => {
    const opts = { provider, dependsOn: [...operators] };
    const databases = [];
    for (const { options, apiKey, generateKey, external } of tenants) {
      const name = `${NAME}-${options.user}`;
      const generated = generateKey && new random.RandomPassword(`${name}-key`, { length: 40, special: false });
      const key = generated ? generated.result : apiKey === undefined ? undefined : secretOf(apiKey);
      const args = { ...options, apiKey: key, kept: keptOf(options.user, held) };
      const { chart, externalSecrets } = section;
      const database = chart ? new FluxionDbChart(name, { ...args, chart }, opts) : new FluxionDb(name, args, opts);
      if (external && externalSecrets) {
        const { namespace } = database;
        externalSecret(`${name}-external-key`, { name: options.secret.name ?? "", namespace }, externalSecrets, external, opts);
      }
      pullsIn(namespaceNameOf(options.user), database.namespace);
      databases.push({ options, database });
      await handOver();
    }
    return {
      outputs: { tenants: Object.fromEntries(databases.map(({ options, database }) => [options.user, outputsOf(database)])) },
      served: databases.map(({ database: { outsideUrl, address } }) =>
        servedBy(
          section.ingress,
          outsideUrl.apply((url) => (url === undefined ? [] : [url])),
          address,
        ),
      ),
      kept: databases.flatMap(({ options, database: { namespace } }) => [
        ...(options.namespace.create ? [{ kind: "Namespace", name: namespace }] : []),
        ...(ownsClaim(options) ? keptClaims(namespace, [CLAIM]) : []),
      ]),
    };
  };
}

const outputsOf = ({ url, outsideUrl, namespace, service, secret, claim, clientLabels }: FluxionDb | FluxionDbChart) => ({
  url,
  outsideUrl,
  namespace,
  service,
  secret,
  claim,
  clientLabels,
});

async function heldIn(stack: string, ask: Questions["ask"]): Promise<Map<string, Held>> {
  try {
    const [namespaces, claims, databases] = await Promise.all([
      ask(HELD_PATHS.namespaces),
      ask(HELD_PATHS.claims),
      ask(HELD_PATHS.databases),
    ]);
    return heldBy({ namespaces, claims, databases });
  } catch (error) {
    throw new Refusal(
      [
        `the cluster did not say what the tenants of stack "${stack}" have: ${error instanceof Error ? error.message : String(error)}. Nothing was changed.`,
        ...["namespaces", "persistentvolumeclaims", "statefulsets.apps"].map(
          (kind) => `  $ kubectl auth can-i list ${kind} --all-namespaces   # must say yes`,
        ),
        ...remediesFor(error).map((command) => `  $ ${command}`),
      ].join("\n"),
    );
  }
}

function report(stack: string, refusals: readonly TenantRefusal[]): string {
  const { edit, set } = commandsFor(stack);
  const lines = refusals.flatMap(({ user, property, reason, accepted, commands }) => {
    const key = keyOf([NAME, "tenants", user, ...(property?.split(".") ?? [])]);
    const remedy = accepted === undefined ? edit(`or give ${key} another name`) : set(key, quoted(accepted));
    return ["", key, `  ${reason}`, ...[...commands, remedy].map((command) => `  $ ${command}`)];
  });
  return [`FluxionDB's tenants of stack "${stack}" cannot go where the config wants them; nothing was changed.`, ...lines].join("\n");
}
