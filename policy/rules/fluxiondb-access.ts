import type { types } from "@pulumi/kubernetes";
import { eachContainer } from "../pods";
import { each, objectRule } from "../rule";
import { isDatabase, isFluxionDb, tenantOf } from "../systems";

/** Who reaches a tenant's database, and with what. */

type ServiceSpec = types.output.core.v1.ServiceSpec;

export const fluxionDbInternal = objectRule({
  id: "fluxiondb-internal",
  family: "fluxiondb",
  severity: "high",
  refusesUnknown: true,
  reason: "Clients send their key in the address, by a protocol that is not encrypted: only the edge may bring it in from outside.",
  remedy: "Leave the Service at ClusterIP, and let clients outside in by ingress.enabled, with TLS.",
  source: "contract 2.1, Protocol; seed 001, Service type ClusterIP",
  check: (object, report) => {
    if (!isFluxionDb(object) || object.kind !== "Service") return;
    const { type = "ClusterIP", externalIPs = [] } = object.spec<ServiceSpec>();
    const tenant = tenantOf(object);
    if (type !== "ClusterIP") report({ tenant, field: "spec.type", problem: `is ${type}, and has to be ClusterIP` });
    if (externalIPs.length > 0) report({ tenant, field: "spec.externalIPs", problem: "opens the database to addresses outside" });
  },
});

const VARIABLE = "SECRET_KEY";
const FLAG = "--secret-key";
/** What the kubelet fills in. */
const FILLED_IN = `${FLAG}=$(${VARIABLE})`;

export const fluxionDbKey = objectRule({
  id: "fluxiondb-key-of-secret",
  family: "fluxiondb",
  severity: "critical",
  reason: "Who may read pods reads a key that stands in one, and it is all that a client needs to get at the tenant's data.",
  remedy: `Give the container ${VARIABLE} by valueFrom.secretKeyRef, and the program ${FILLED_IN}.`,
  source: "contract 2.1, Env; contract 2.2, 10",
  check: (object, report) => {
    if (!isDatabase(object)) return;
    const tenant = tenantOf(object);
    eachContainer(object, ({ container: { env, command = [], args = [] }, name, path }) => {
      each(env, (variable) => {
        if (variable.name === VARIABLE && variable.valueFrom?.secretKeyRef === undefined)
          report({ tenant, container: name, field: `${path}env`, problem: `has ${VARIABLE} from elsewhere than a Secret` });
      });
      for (const [field, words] of Object.entries({ command, args })) {
        each(words, (word) => {
          if (word?.startsWith(FLAG) && word !== FILLED_IN)
            report({ tenant, container: name, field: `${path}${field}`, problem: `has ${FLAG} with another value than the Secret's` });
        });
      }
    });
  },
});
