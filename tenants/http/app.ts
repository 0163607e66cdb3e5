import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import rateLimit from "@fastify/rate-limit";
import fastify, {
  LogController,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import type { TenantService } from "../service";
import { guard, tooMany } from "./access";
import { changes } from "./changes";
import { events, Streams } from "./events";
import { health, type Health } from "./health";
import { logRequests } from "./log";
import { measure } from "./metrics";
import { describeApi } from "./openapi";
import { answerOf, asProblem, HttpProblem } from "./problems";
import { reads } from "./reads";
import type { Tokens } from "./tokens";

/** Bytes of the largest body: a request is a user, a size and a key. */
const BODY_BYTES = 16 * 1024;
const HEAD_BYTES = 16 * 1024;
/** Milliseconds in which a client must have sent its request, and the service must have answered it. */
const REQUEST_MS = 15_000;
const ANSWER_MS = 20_000;
const CONNECTIONS = 1000;
/** Longest part of a path: a UUID or a user. */
const PARAM_CHARACTERS = 100;

export interface ApiOptions extends Health {
  readonly service: TenantService;
  readonly tokens: Pick<Tokens, "holder">;
  /** Requests of one token a minute; the limit is this process's own. @default 3000 */
  readonly rate?: number;
  /** @default no log */
  readonly logger?: FastifyServerOptions["logger"];
}

/** The HTTP API, which listens nowhere yet. */
export async function apiOf({ service, tokens, ping, rate = 3000, logger = false }: ApiOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_MS,
    handlerTimeout: ANSWER_MS,
    http: { headersTimeout: REQUEST_MS, maxHeaderSize: HEAD_BYTES },
    routerOptions: { maxParamLength: PARAM_CHARACTERS },
    // a request that comes over a connection that is open when the server stops is answered, too
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => answer(error, request, reply),
    clientErrorHandler: refuseConnection,
  });
  app.server.maxConnections = CONNECTIONS;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answer);
  app.setNotFoundHandler((request, reply) => answer(Object.assign(new Error(), { statusCode: 404 }), request, reply));
  parseJson(app);

  const streams = new Streams();
  let stopping = false;
  app.addHook("preClose", async () => {
    stopping = true;
    streams.end();
  });
  app.addHook("onSend", async (_request, reply) => {
    if (stopping) void reply.header("connection", "close"); // else its client sends the next request to who has gone
  });
  logRequests(app);
  const metrics = measure(app, service, streams);
  await describeApi(app);
  health(app, { ping });
  app.get("/v1/openapi.json", { schema: { hide: true } }, () => app.swagger());

  await app.register(async (guarded) => {
    await guarded.register(rateLimit, {
      max: rate,
      timeWindow: "1 minute",
      keyGenerator: ({ holder, ip }) => holder?.id ?? ip,
      enableDraftSpec: true,
      errorResponseBuilder: (_request, { ttl }) => tooMany(Math.ceil(ttl / 1000)),
    });
    guard(guarded, { service, tokens });
    guarded.get("/metrics", { config: { scope: "metrics:read" }, schema: { hide: true } }, async (_request, reply) =>
      reply.type(metrics.type).send(await metrics.text()),
    );
    await guarded.register(reads(service), { prefix: "/v1" });
    await guarded.register(events(service, streams), { prefix: "/v1" });
    await guarded.register(changes(service), { prefix: "/v1" });
  });
  await app.ready();
  return app;
}

function answer(error: FastifyError | HttpProblem | Error, request: FastifyRequest, reply: FastifyReply): void {
  const { status, headers, body } = answerOf(asProblem(error), request.id);
  if (status >= 500) request.log.error({ err: error }, "failed");
  void reply.code(status).headers(headers).send(body);
}

/** What is no HTTP at all, or too long in coming. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const { status, headers, body } = answerOf(new HttpProblem("malformed", "this is no HTTP, or was not sent in time"), randomUUID());
  const length = Buffer.byteLength(body);
  socket.end(
    `HTTP/1.1 ${status} Bad Request\r\ncontent-type: ${headers["content-type"]}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** JSON alone, and nothing where nothing is sent, which some clients call JSON. */
function parseJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else void parse(request, body.toString(), done);
  });
}
