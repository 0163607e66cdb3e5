import { ANNOTATIONS } from "../../sizing/fluxiondb";
import type { Transform } from "../kubernetes/child";

interface Annotated {
  readonly metadata: { readonly annotations: Record<string, string> };
}

/** Has an object say whether it outlives its stack, by what its options are when its caller has had the last word on it. */
export const saysKept =
  <Args extends Annotated>(transform?: Transform<Args>): Transform<Args> =>
  (args, opts) => {
    transform?.(args, opts);
    if (opts.retainOnDelete) args.metadata.annotations[ANNOTATIONS.kept] = "true";
  };
