import { eachContainer } from "../pods";
import { each, objectRule } from "../rule";
import { SECRET_NAME, secretShapeOf } from "../secret";

/** A value that is made of other variables, and is nothing by itself. */
const REFERENCE = /^(\$\([\w.-]+\))*$/;

export const noSecretInEnv = objectRule({
  id: "no-secret-in-env",
  family: "containers",
  severity: "critical",
  reason: "Whoever may read pods reads it, and so does every log that prints the object.",
  remedy: "Keep it in a Secret, and name that by valueFrom.secretKeyRef or envFrom.",
  source: "contract 1.3; kube-linter env-var-secret; Polaris sensitiveContainerEnvVar",
  check: (object, report) =>
    eachContainer(object, ({ container: { env }, name, path }) =>
      each(env, (variable) => {
        const { name: key = "", value = "" } = variable;
        if (REFERENCE.test(value)) return;
        const shape = secretShapeOf(value);
        if (shape === undefined && !SECRET_NAME.test(key)) return;
        report({ container: name, field: `${path}env`, problem: `holds "${key}"${shape === undefined ? "" : `, ${shape},`} in clear` });
      }),
    ),
});

export const uniqueEnv = objectRule({
  id: "unique-env",
  family: "containers",
  severity: "medium",
  reason: "Of two variables of one name the last counts; an update by strategic merge loses one of them, and does not say which.",
  remedy: "Leave one of them.",
  source: "kube-linter duplicate-env-var; kube-score environment-variable-key-duplication",
  check: (object, report) =>
    eachContainer(object, ({ container: { env = [] }, name, path }) => {
      const names = env.map((variable) => variable.name);
      const twice = names.filter((key, index) => names.indexOf(key) !== index);
      for (const key of new Set(twice)) report({ container: name, field: `${path}env`, problem: `has "${key}" more than once` });
    }),
});

export const secretsAsFiles = objectRule({
  id: "secrets-as-files",
  family: "containers",
  severity: "low",
  reason: "Variables are inherited by every child process, printed by crash reports, and never change while the pod runs.",
  remedy: "Mount the Secret as a volume where the program can read files, or set required to false in stackyard:policy.",
  source: "kube-linter read-secret-from-env-var; Kyverno disallow-secrets-from-env-vars; CIS 5.4.1",
  values: { required: false as boolean }, // the four systems' programs read variables: contract 1.3, 2.2, 4.2
  check: (object, report, { required }) =>
    eachContainer(object, ({ container: { env = [], envFrom = [] }, name, path }) => {
      if (!required) return;
      for (const { name: key, valueFrom } of env) {
        if (valueFrom?.secretKeyRef !== undefined) report({ container: name, field: `${path}env`, problem: `has "${key}" from a Secret` });
      }
      if (envFrom.some(({ secretRef }) => secretRef !== undefined)) {
        report({ container: name, field: `${path}envFrom`, problem: "has all keys of a Secret" });
      }
    }),
});
