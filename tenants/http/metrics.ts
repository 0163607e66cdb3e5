import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { TenantService } from "../service";

/** Seconds: the registry answers in milliseconds, and what takes more than five has gone wrong. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * Counts and times the requests of an instance and all within it.
 *
 * @returns what writes all metrics, the service's state as it is then among them
 */
export function measure(app: FastifyInstance, service: Pick<TenantService, "overview">, streams: { readonly size: number }) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Histogram({
    name: "stackyard_tenants_http_request_duration_seconds",
    help: "Time from a request's head to the end of its answer; streams are not in it.",
    labelNames: ["method", "route", "status"],
    buckets: BUCKETS,
    registers,
  });
  const inFlight = new Gauge({
    name: "stackyard_tenants_http_requests_in_flight",
    help: "Requests that wait for their answer.",
    registers,
  });
  const refusals = new Counter({
    name: "stackyard_tenants_http_refusals_total",
    help: "Requests that were let in nowhere: no token, not for this, another's data, or too many.",
    labelNames: ["status"],
    registers,
  });
  new Gauge({
    name: "stackyard_tenants_http_streams",
    help: "Operations that are followed.",
    registers,
    collect() {
      this.set(streams.size);
    },
  });
  app.addHook("onRequest", async (_request, reply) => {
    inFlight.inc();
    reply.raw.once("close", () => inFlight.dec());
  });
  app.addHook("onResponse", async ({ method, routeOptions: { url = "none" } }, { statusCode, elapsedTime }) => {
    const status = String(statusCode);
    if (!url.endsWith("/events")) requests.observe({ method, route: url, status }, elapsedTime / 1000);
    if ([401, 403, 404, 429].includes(statusCode)) refusals.inc({ status });
  });

  const look = overview(registry, service);
  return { type: registry.contentType, text: () => look().then(() => registry.metrics()) };
}

/** The service's own state: one look at the registry for all of it. */
function overview(registry: Registry, service: Pick<TenantService, "overview">): () => Promise<void> {
  const registers = [registry];
  const tenants = new Gauge({ name: "stackyard_tenants", help: "Tenants, by state.", labelNames: ["state"], registers });
  const operations = new Gauge({ name: "stackyard_tenants_operations", help: "Operations.", labelNames: ["kind", "state"], registers });
  const oldest = new Gauge({
    name: "stackyard_tenants_oldest_operation_seconds",
    help: "How long the oldest unfinished operation has waited; deletions in their grace days do not wait.",
    registers,
  });
  const busy = new Gauge({ name: "stackyard_tenants_busy_shards", help: "Shards that a worker holds.", registers });
  const up = new Gauge({
    name: "stackyard_tenants_registry_up",
    help: "Whether the registry answers; what it would say is not there while it does not.",
    registers,
  });
  return async () => {
    tenants.reset();
    operations.reset();
    try {
      const now = await service.overview();
      for (const [state, count] of Object.entries(now.tenants)) tenants.set({ state }, count);
      for (const [name, count] of Object.entries(now.operations)) {
        const [kind = "", state = ""] = name.split(" ");
        operations.set({ kind, state }, count);
      }
      oldest.set(now.oldestSeconds);
      busy.set(now.busyShards);
      up.set(1);
    } catch {
      up.set(0);
    }
  };
}
