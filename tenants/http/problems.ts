import type { FastifyError } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import * as z from "zod";
import { TenantError, type Code } from "../errors";
import { isUnavailable } from "../registry/unavailable";

/** Kinds of problems: those of the service, and those of HTTP itself. */
const KINDS = {
  invalid: [422, "The request says what cannot be"],
  "not-found": [404, "There is no such thing"],
  conflict: [409, "The tenant is not in a state for it"],
  quota: [403, "A limit of the service is reached"],
  "reused-key": [422, "The idempotency key stands for another request"],
  unavailable: [503, "The service cannot answer now"],
  malformed: [400, "The request cannot be read"],
  unauthenticated: [401, "A token is needed"],
  forbidden: [403, "The token is not for this"],
  "too-large": [413, "The request is too large"],
  "no-json": [415, "The body is no JSON"],
  "too-many": [429, "Too many requests"],
  internal: [500, "The service has failed"],
} as const satisfies Record<Code, unknown> & Record<string, readonly [number, string]>;
export type Kind = keyof typeof KINDS;

export const PROBLEM_TYPE = "application/problem+json";

export const Problem = z
  .strictObject({
    type: z.string().meta({ description: `\`urn:stackyard:problem:<kind>\`: ${Object.keys(KINDS).join(", ")}.` }),
    title: z.string().meta({ description: "What the kind means." }),
    status: z.int().meta({ description: "The status of the answer." }),
    detail: z.string().optional().meta({ description: "What is wrong with this request." }),
    instance: z.string().meta({ description: "The request, as the server's log names it." }),
    errors: z
      .array(
        z.strictObject({
          detail: z.string(),
          pointer: z.string().optional().meta({ description: "JSON pointer into the body." }),
          parameter: z.string().optional().meta({ description: "Parameter of the path or the query, or a header." }),
        }),
      )
      .optional()
      .meta({ description: "Each thing that is wrong." }),
  })
  .meta({ id: "Problem", description: "Why a request was refused (RFC 9457)." });
type Problem = z.output<typeof Problem>;

interface Extra {
  readonly errors?: Problem["errors"];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal by HTTP itself. Nothing of it is secret. */
export class HttpProblem extends Error {
  constructor(
    readonly kind: Kind,
    message?: string,
    readonly extra: Extra = {},
  ) {
    super(message);
  }
}

/** Seconds after which a service that cannot answer may be asked again. */
const RETRY_SECONDS = "2";

/** Statuses of the framework's own refusals. What it says of them may repeat what was sent, and is not said. */
const FRAMEWORK: Readonly<Record<number, readonly [Kind, string]>> = {
  400: ["malformed", "write a path without stray % and, where there is a body, JSON of the length that Content-Length says"],
  404: ["not-found", "no such path: GET /v1/openapi.json lists all"],
  413: ["too-large", "the body is larger than any that is accepted"],
  414: ["malformed", "a part of the path is longer than any that is accepted"],
  415: ["no-json", "send the body as application/json"],
};

const pointer = (path: readonly string[]): string => `#${path.map((part) => `/${part}`).join("")}`;

/** What was wrong with an error, for the caller: what the caller can do nothing about is in the log alone. */
export function asProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof TenantError && error.code !== "unavailable") {
    const errors = error.details.wrong?.map(({ path, message }) => ({
      detail: message,
      pointer: pointer(path.split(".").filter(Boolean)),
    }));
    return new HttpProblem(error.code, error.message, { errors });
  }
  const { statusCode = 500 } = (error ?? {}) as Partial<FastifyError>;
  if (error instanceof TenantError || isUnavailable(error) || statusCode === 503) {
    const what = "it may have been taken or not: send it again, with the same Idempotency-Key, and it is done once";
    return new HttpProblem("unavailable", what, { headers: { "retry-after": RETRY_SECONDS } });
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const isBody = error.validationContext === "body";
    const errors = error.validation.map(({ instancePath, message = "cannot be" }) => {
      const path = instancePath.slice(1);
      return { detail: message, ...(path !== "" && (isBody ? { pointer: pointer(path.split("/")) } : { parameter: path })) };
    });
    return new HttpProblem("invalid", undefined, { errors });
  }
  const [kind, detail] =
    FRAMEWORK[statusCode] ?? (statusCode < 500 ? (["malformed", undefined] as const) : (["internal", undefined] as const));
  return new HttpProblem(kind, detail);
}

/** The status, the headers, and the body of a problem. */
export function answerOf({ kind, message, extra: { errors, headers = {} } }: HttpProblem, request: string) {
  const [status, title] = KINDS[kind];
  const problem: Problem = {
    type: `urn:stackyard:problem:${kind}`,
    title,
    status,
    ...(message !== "" && { detail: message }),
    instance: `urn:uuid:${request}`,
    ...(errors !== undefined && { errors }),
  };
  return { status, headers: { ...headers, "content-type": PROBLEM_TYPE }, body: JSON.stringify(problem) };
}
