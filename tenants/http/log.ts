import type { FastifyInstance, FastifyServerOptions } from "fastify";

/** What the log has of an error: properties of a database's errors can have what was written in them. */
const shown = ({ name, message, stack, code }: Error & { readonly code?: unknown }) => ({ type: name, message, stack: stack ?? "", code });

/**
 * JSON lines, one a request. Nothing that a client has sent is in them but the name of its token: no header, no body, no path.
 *
 * @param level of pino, such as `info`
 * @param stream where lines go. Default: standard output
 */
export const loggerOf = (level: string, stream?: { write(line: string): void }): NonNullable<FastifyServerOptions["logger"]> => ({
  level,
  base: null,
  serializers: { err: shown },
  ...(stream !== undefined && { stream }),
});

/** Writes the line of each request. */
export function logRequests(app: FastifyInstance): void {
  app.addHook("onResponse", async ({ log, method, routeOptions, holder }, { statusCode, elapsedTime }) => {
    log.info(
      { method, route: routeOptions.url ?? null, status: statusCode, ms: Math.round(elapsedTime), caller: holder?.name ?? null },
      "request",
    );
  });
}
