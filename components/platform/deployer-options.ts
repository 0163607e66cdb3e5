import * as z from "zod";
import { DnsLabel, text } from "../kubernetes/options";

/** What stands for everybody, or for every pod: whoever is bound to it is nobody in particular. */
const EVERYBODY = "(?!system:(anonymous|authenticated|unauthenticated|serviceaccounts)$)";
const name = (what: string) =>
  text(
    new RegExp(`^${EVERYBODY}\\S(.*\\S)?$`),
    `${what}: write its name as the cluster's authentication gives it, and none that stands for everybody`,
  );

/** Who is bound to a role. */
const Subjects = z.strictObject({
  users: z.array(name("user")).default([]).meta({ description: "Users, by the name that the cluster's authentication gives them." }),
  groups: z.array(name("group")).default([]).meta({ description: "Groups, likewise." }),
  serviceAccounts: z
    .array(
      z.strictObject({
        namespace: DnsLabel.meta({ description: "Namespace of the ServiceAccount." }),
        name: DnsLabel.meta({ description: "Name of the ServiceAccount." }),
      }),
    )
    .default([])
    .meta({ description: "ServiceAccounts, such as that of a runner in the cluster. They are not made." }),
});
export type Subjects = z.output<typeof Subjects>;

export const Deployers = Subjects.meta({
  description: "Who may deploy the systems: ClusterRole stackyard-deployer, and who is bound to it.",
});
export const Previewers = Subjects.meta({
  description: "Who may preview only: ClusterRole stackyard-previewer, which reads no Secret, and who is bound to it.",
});
