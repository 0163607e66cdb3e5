import { apiOf, type ApiOptions } from "./app";

export { loggerOf } from "./log";

/** Milliseconds in which requests that were begun may be finished once the server stops. */
const GRACE_MS = 25_000;
/** Milliseconds between two looks for connections whose last request is answered: Node keeps those that were busy at the stop. */
const SWEEP_MS = 50;

export interface ServeOptions extends ApiOptions {
  /** Address of this machine that it listens on: who can reach it sees tokens and keys go by, unless TLS ends in front of it. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
}

export interface Serving {
  readonly url: string;
  readonly log: (line: string) => void;
  /** Takes no new connection, answers what was begun, ends the streams, and returns when all is said. */
  readonly stop: () => Promise<void>;
}

/** Serves the HTTP API until it is stopped. */
export async function serve({ host, port, ...options }: ServeOptions): Promise<Serving> {
  const app = await apiOf(options);
  const url = await app.listen({ host, port, listenTextResolver: (address) => `serves ${address}` });
  const stop = async () => {
    const late = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
    const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
    try {
      await app.close();
    } finally {
      clearTimeout(late);
      clearInterval(sweep);
    }
  };
  return { url, log: (line) => app.log.warn(line), stop };
}
