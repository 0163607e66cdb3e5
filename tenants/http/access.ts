import type { FastifyInstance, FastifyRequest } from "fastify";
import { TenantName } from "../schemas";
import type { Caller, TenantService } from "../service";
import { HttpProblem } from "./problems";
import type { Holder, Scope, Tokens } from "./tokens";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; everybody whose request is past the first hook. */
    holder: Holder | null;
  }
  interface FastifyContextConfig {
    /** What a token must be for. */
    scope?: Scope;
  }
}

/** Wrong tokens of one address, a minute, after which none of it is looked at. */
const FAILURES = 30;

const BEARER = /^Bearer ([\w.~+/-]+=*)$/i;

export interface Guarded {
  readonly service: Pick<TenantService, "refused">;
  readonly tokens: Pick<Tokens, "holder">;
}

const unauthenticated = (detail: string) =>
  new HttpProblem("unauthenticated", detail, { headers: { "www-authenticate": 'Bearer realm="stackyard"' } });

/** Lets in who has shown a token, to what it is for. The routes of the instance each say their scope: one that does not is an error. */
export function guard(app: FastifyInstance, { service, tokens }: Guarded): void {
  const failures = app.createRateLimit({ max: FAILURES - 1, timeWindow: "1 minute", keyGenerator: ({ ip }: FastifyRequest) => ip });
  app.decorateRequest("holder", null);

  app.addHook("onRoute", ({ url, config }) => {
    if (config?.scope === undefined) throw new Error(`${url} does not say its scope`);
  });

  app.addHook("onRequest", async (request) => {
    const before = await failures(request, { increment: false });
    if (!before.isAllowed && before.isExceeded) throw tooMany(before.ttlInSeconds);
    const [, token] = BEARER.exec(request.headers.authorization ?? "") ?? [];
    if (token === undefined) throw unauthenticated("send the header Authorization: Bearer <token>");
    request.holder = (await tokens.holder(token)) ?? null;
    if (request.holder !== null) return;
    await failures(request);
    throw unauthenticated("the token is none, was revoked, or has ended");
  });

  // after the limit of the token's own rate: who is over it writes nothing into the audit
  app.addHook("preParsing", async (request) => {
    const { holder, caller } = identified(request);
    const { method, params, routeOptions } = request;
    const what = `${method} ${routeOptions.url}`;
    const { user } = params as { readonly user?: string };
    if (user !== undefined && holder.tenant !== undefined && user !== holder.tenant.user) {
      await service.refused(caller, what, TenantName.safeParse(user).success ? user : undefined);
      throw new HttpProblem("not-found", "there is no such tenant");
    }
    const { scope } = routeOptions.config;
    if (scope !== undefined && !holder.scopes.includes(scope)) {
      await service.refused(caller, `${what} without the scope ${scope}`);
      throw new HttpProblem("forbidden", `the token does not have the scope ${scope}`);
    }
  });
}

export const tooMany = (seconds: number): HttpProblem =>
  new HttpProblem("too-many", `wait ${seconds} s`, { headers: { "retry-after": String(seconds) } });

function identified(request: FastifyRequest): { holder: Holder; caller: Caller } {
  const { holder } = request;
  if (holder === null) throw new Error("a route is not guarded");
  return { holder, caller: { name: holder.name, ...(holder.tenant !== undefined && { tenant: holder.tenant }) } };
}

/** Who asks, with the key by which the request can come again; `IdempotencyHeaders` (`schemas.ts`) has looked at it. */
export function callerOf(request: FastifyRequest): Caller {
  const { caller } = identified(request);
  const key = request.headers["idempotency-key"];
  return typeof key === "string" ? { ...caller, idempotencyKey: key } : caller;
}
