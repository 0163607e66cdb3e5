import { answer, oneByOne, type Judge } from "./judge";

interface Scored {
  readonly checks: readonly {
    readonly check: { readonly id: string };
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly summary: string }[] | null;
  }[];
}

/** Grade from which on it has nothing to say; 7 is "almost". */
const FINE = 7;

/** All of its checks, also those that are off by default. */
export const kubeScore = (program: string, signal?: AbortSignal): Judge => ({
  name: "kube-score",
  judge: (manifests) =>
    oneByOne(manifests, async (file) => {
      const options = ["--output-format", "json", "--all-default-optional", "--kubernetes-version", "v1.36"];
      const scored = (await answer<Scored[] | null>(program, ["score", ...options, file], signal)) ?? [];
      const failed = scored.flatMap(({ checks }) => checks).filter(({ grade, skipped }) => !skipped && grade < FINE);
      return failed.flatMap(({ check, comments }) =>
        comments === null || comments.length === 0 ? [check.id] : comments.map(({ summary }) => `${check.id}: ${summary}`),
      );
    }),
});
