import type { FastifyInstance } from "fastify";

/** Milliseconds after which a registry that says nothing does not answer. */
const PATIENCE_MS = 2000;

export interface Health {
  /** Rejects where the registry does not answer. */
  readonly ping: () => Promise<unknown>;
}

/** Whether the process lives, and whether requests are to be sent to it: for who has no token, and without a word more. */
export function health(app: FastifyInstance, { ping }: Health): void {
  let stopping = false;
  app.addHook("preClose", async () => {
    stopping = true;
  });
  app.get("/livez", { schema: { hide: true } }, () => ({ status: "ok" }));
  app.get("/readyz", { schema: { hide: true } }, async (_request, reply) => {
    const status = stopping ? "stopping" : (await answers(ping)) ? "ok" : "no registry";
    return reply.code(status === "ok" ? 200 : 503).send({ status });
  });
}

async function answers(ping: Health["ping"]): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), PATIENCE_MS)));
  const answered = ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}
