import { PassThrough, type Readable } from "node:stream";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import * as z from "zod";
import type { OperationView } from "../schemas";
import type { TenantService } from "../service";
import { callerOf } from "./access";
import { described } from "./openapi";
import { HttpProblem } from "./problems";
import { OperationParams, problems } from "./schemas";

/** Streams that one token may have open at once. */
const STREAMS = 20;
/** Milliseconds of silence after which a line is sent that says nothing, so that nobody in between takes the stream for dead. */
const BEAT_MS = 15_000;
/** Milliseconds after which a client whose stream was cut off is to come back. */
const RETRY_MS = 1000;
/** Milliseconds that a stream may last: what a timer can count. */
const LONGEST_MS = 2 ** 31 - 1;

const eventOf = (operation: OperationView): string => `event: operation\ndata: ${JSON.stringify(operation)}\n\n`;

/** The streams of an API, which end when it stops. */
export class Streams {
  private readonly open = new Map<AbortController, string>();

  /** @throws HttpProblem where the holder has too many */
  begin(holder: string): AbortController {
    if ([...this.open.values()].filter((other) => other === holder).length >= STREAMS) {
      throw new HttpProblem("too-many", `the token has ${STREAMS} streams open: close one, or poll`, { headers: { "retry-after": "5" } });
    }
    const controller = new AbortController();
    this.open.set(controller, holder);
    controller.signal.addEventListener("abort", () => this.open.delete(controller));
    return controller;
  }

  /** Ends all. Their clients come back to who serves next, and are told how the operation is then. */
  end(): void {
    for (const controller of [...this.open.keys()]) controller.abort();
  }

  get size(): number {
    return this.open.size;
  }
}

/** Described as text, sent as a stream. */
const EventStream = z.string() as z.ZodType as z.ZodType<Readable>;

const schema = {
  params: OperationParams,
  response: {
    200: {
      description:
        "Server-sent events named `operation`: its state now, then each change, until it has ended. A stream that was cut off is asked for again.",
      content: { "text/event-stream": { schema: EventStream } },
    },
    default: problems,
  },
};

/** An operation as a stream of its changes. */
export const events =
  (service: TenantService, streams: Streams): FastifyPluginAsyncZod =>
  async (app) => {
    const { config, about } = described({
      operationId: "followOperation",
      summary: "One operation, each time that it has changed.",
      tag: "operations",
      scope: "tenants:read",
    });
    const route = { config, exposeHeadRoute: false, handlerTimeout: LONGEST_MS, schema: { ...about, ...schema } };
    app.get("/operations/:id/events", route, async (request, reply) => {
      const caller = callerOf(request);
      const controller = streams.begin(caller.name);
      reply.raw.once("close", () => controller.abort());
      try {
        const changes = service.follow(request.params.id, caller, controller.signal)[Symbol.asyncIterator]();
        const first = await changes.next(); // who may not see it gets a problem, and no stream
        const stream = new PassThrough();
        stream.write(`retry: ${RETRY_MS}\n\n`);
        void pass(first, changes, stream).finally(() => controller.abort());
        return reply.type("text/event-stream").header("cache-control", "no-store").header("x-accel-buffering", "no").send(stream);
      } catch (error) {
        controller.abort();
        throw error;
      }
    });
  };

async function pass(first: IteratorResult<OperationView>, changes: AsyncIterator<OperationView>, stream: PassThrough): Promise<void> {
  const beat = setInterval(() => stream.write(":\n\n"), BEAT_MS);
  try {
    for (let change = first; !change.done; change = await changes.next()) stream.write(eventOf(change.value));
    stream.end();
  } catch {
    stream.end(); // the client comes back, and is told why it cannot have it, or has it
  } finally {
    clearInterval(beat);
  }
}
