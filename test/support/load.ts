import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "./stackyard";

/** A request of a load; what changes something has a key by which it can be sent again. */
export interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly key?: string;
}

export interface Answered extends Asked {
  readonly status: number;
  readonly body: unknown;
  /** How often it was sent. */
  readonly sent: number;
}

/** Milliseconds after which a request that was not answered is given up: it is lost. */
const PATIENCE_MS = 120_000;
/** Milliseconds until it is sent again, unless the answer says when: longer each time. */
const RETRY_MS = { first: 250, most: 2000 };
/** What says: not now. */
const AGAIN = [429, 503];

/** A client that sends requests at a steady rate, whatever becomes of them, and each again until it is answered. */
export class Load {
  /** What went wrong on the way, by what it was. */
  readonly troubles = new Map<string, number>();
  private readonly open: Promise<Answered>[] = [];
  private going = true;
  private answered = 0;

  constructor(
    private readonly url: string,
    private readonly authorization: string,
  ) {}

  /** @param next the request of each turn, by its number */
  async run(perSecond: number, next: (turn: number) => Omit<Asked, "key">): Promise<void> {
    const begin = Date.now();
    for (let turn = 0; this.going; turn++) {
      const asked = next(turn);
      const sent = this.send(asked.method === "GET" ? asked : { ...asked, key: randomUUID() });
      this.open.push(sent.finally(() => (this.answered += 1)));
      await pause(Math.max(0, begin + ((turn + 1) * 1000) / perSecond - Date.now()));
    }
  }

  /** Waits until so many more are answered. */
  async more(count: number): Promise<void> {
    const enough = this.answered + count;
    await until(`${count} more requests are answered`, async () => this.answered >= enough, PATIENCE_MS / 1000);
  }

  /** Ends the load. */
  stop(): void {
    this.going = false;
  }

  /** Ends the load, and waits for all that was asked. */
  async answers(): Promise<Answered[]> {
    this.stop();
    return Promise.all(this.open);
  }

  private async send(asked: Asked): Promise<Answered> {
    const { method, path, key } = asked;
    const headers = { authorization: this.authorization, ...(key !== undefined && { "idempotency-key": key }) };
    const end = Date.now() + PATIENCE_MS;
    for (let sent = 1; ; sent++) {
      let wait = Math.min(RETRY_MS.first * 2 ** (sent - 1), RETRY_MS.most);
      try {
        const answer = await fetch(`${this.url}${path}`, { method, headers, signal: AbortSignal.timeout(30_000) });
        const body: unknown = await answer.json();
        if (!AGAIN.includes(answer.status) || Date.now() > end) return { ...asked, status: answer.status, body, sent };
        this.trouble(String(answer.status));
        wait = Number(answer.headers.get("retry-after")) * 1000;
      } catch (error) {
        if (Date.now() > end) return { ...asked, status: 0, body: error, sent };
        const { cause } = error as { cause?: { code?: string } };
        this.trouble(cause?.code ?? String(error));
      }
      await pause(wait);
    }
  }

  private trouble(what: string): void {
    this.troubles.set(what, (this.troubles.get(what) ?? 0) + 1);
  }
}
