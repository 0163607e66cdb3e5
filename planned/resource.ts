/** What goes into a resource, or comes out of a stack. */
export type Values = Record<string, unknown>;

/** A resource as a stack asks for it, with the inputs that the engine would get. */
export interface PlannedResource {
  /** Pulumi's: `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  /** Types of the components that it is in, outermost first. */
  readonly parents: readonly string[];
  /** Secrets stand in clear: nothing of it may be printed as it is. */
  readonly props: Readonly<Values>;
  readonly protect: boolean;
  /** Names of the resources that it is made after. */
  readonly dependsOn: readonly string[];
}

/** The name that Pulumi would make up for an object without one: what refers to it says the same. */
export const madeUp = (name: string): string => `${name}-made`;
