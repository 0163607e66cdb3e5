import { quoted } from "../config/commands";
import { Forbidden } from "./identity";

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** The command that allows it, where the API server has refused a request to one who lacks the role of a deployer; else nothing. */
export function remediesFor(error: unknown): string[] {
  if (!(error instanceof Forbidden)) return [];
  const [, user = "<user>"] = /User "([^"]+)"/.exec(error.message) ?? [];
  const [, namespace, name] = SERVICE_ACCOUNT.exec(user) ?? [];
  const subject = namespace ? `--service-account ${namespace}/${name}` : `--user ${quoted(user)}`;
  return [`npx stackyard rbac ${subject} | kubectl apply -f -   # an administrator gives the role stackyard-deployer (docs/deployers.md)`];
}
