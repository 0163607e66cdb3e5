/** Kinds of refusals, each of which HTTP knows a status for. */
export type Code =
  | "invalid" // 422: the request says what cannot be
  | "not-found" // 404: there is no such thing, or not for this caller
  | "conflict" // 409: the tenant is not in a state for it, or exists already
  | "quota" // 403: a limit of the service
  | "reused-key" // 422: an idempotency key that stood for another request
  | "unavailable"; // 503: the registry or the cluster does not answer

/** One thing that is wrong with a request. No value of a secret is in it. */
export interface Wrong {
  /** Path of the property, such as `ram`. */
  readonly path: string;
  readonly message: string;
}

/** A request that is refused before anything is changed. */
export class TenantError extends Error {
  constructor(
    readonly code: Code,
    message: string,
    readonly details: { readonly wrong?: readonly Wrong[]; readonly remedy?: readonly string[] } = {},
  ) {
    super(message);
  }
}

/** What to type for a tenant whose up has failed, once that is mended. */
export const TRY_AGAIN = "npx stackyard tenants reconcile --drift";

/** What to say of any error: one line, as it is shown to an operator. */
export const reasonOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(reasonOf).join(", ")
    : error instanceof Error
      ? error.message || error.name
      : String(error);
