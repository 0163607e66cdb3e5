import type * as pulumi from "@pulumi/pulumi";

/** A caller's last word on one child: it changes the arguments or options in place, knowing their whole shape. */
export type Transform<Args> = (args: Args, opts: pulumi.CustomResourceOptions) => void;

type Constructor<Args, Child> = new (name: string, args: Args, opts: pulumi.CustomResourceOptions) => Child;

/** Makes children of one component: each named after it, its child, and changed by its caller last. */
export const childrenOf =
  (parent: pulumi.ComponentResource, name: string) =>
  <Args, Given extends Args, Child>(
    make: Constructor<Args, Child>,
    part: string,
    args: Given,
    transform?: Transform<Given>,
    own: pulumi.CustomResourceOptions = {},
  ): Child => {
    const opts = { ...own, parent };
    transform?.(args, opts);
    return new make(`${name}-${part}`, args, opts);
  };
