import { Command, Option } from "commander";
import { stringify } from "yaml";
import { accessObjects, ROLE_NAMES } from "../../stacks/access";
import { UserError } from "../errors";

interface RbacOptions {
  readonly role: (typeof ROLE_NAMES)[number];
  readonly user: readonly string[];
  readonly group: readonly string[];
  readonly serviceAccount: readonly string[];
}

const named = (flags: string, description: string) =>
  new Option(flags, description).default([]).argParser((name: string, before: readonly string[]) => [...before, name]);

/** `<namespace>/<name>`, as kubectl takes it, too. */
function serviceAccountOf(given: string) {
  const [namespace, name, ...rest] = given.split("/");
  if (!namespace || !name || rest.length > 0)
    throw new UserError(`"${given}" is no ServiceAccount: write namespace and name`, ["npx stackyard rbac --service-account ci/deployer"]);
  return { namespace, name };
}

export const rbac = new Command("rbac")
  .summary("print what a deployer needs to be allowed")
  .description(
    "Prints the ClusterRole that deployers of the systems need and its binding, as YAML for `kubectl apply -f -`. Changes nothing, and asks no cluster.",
  )
  .addOption(new Option("--role <role>", "for whom: who deploys, or who previews only").choices(ROLE_NAMES).default("deployer"))
  .addOption(named("--user <name>", "user that is bound to it; may be given several times"))
  .addOption(named("--group <name>", "group, likewise"))
  .addOption(named("--service-account <namespace/name>", "ServiceAccount, likewise"))
  .addHelpText("after", "\nFor example: npx stackyard rbac --group platform-engineers | kubectl apply -f -")
  .action(({ role, user, group, serviceAccount }: RbacOptions) => {
    const subjects = { users: user, groups: group, serviceAccounts: serviceAccount.map(serviceAccountOf) };
    console.log(documentsOf(role, subjects));
  });

function documentsOf(role: RbacOptions["role"], subjects: object): string {
  try {
    return accessObjects(role, subjects)
      .map((object) => stringify(object, { aliasDuplicateObjects: false }))
      .join("---\n")
      .trimEnd();
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error));
  }
}
