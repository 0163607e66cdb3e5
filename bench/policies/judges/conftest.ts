import { join } from "node:path";
import { checkout } from "../../../sandbox/paths";
import { answer, oneByOne, type Judge } from "./judge";

interface Tested {
  readonly failures?: readonly { readonly msg: string; readonly metadata?: { readonly id?: string } }[];
}

/** Command line that judges the objects of a file by our rules in Rego, all of them together. */
export const conftestArguments = (file: string): string[] => [
  ...["test", "--combine", "--all-namespaces", "--output", "json", "--no-fail"],
  ...["--policy", join(checkout(), "bench", "policies", "conftest"), file],
];

export const conftest = (program: string, signal?: AbortSignal): Judge => ({
  name: "conftest",
  judge: (manifests) =>
    oneByOne(manifests, async (file) => {
      const tested = await answer<Tested[]>(program, conftestArguments(file), signal);
      return tested.flatMap(({ failures = [] }) => failures.map(({ msg, metadata }) => metadata?.id ?? msg));
    }),
});
