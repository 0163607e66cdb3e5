import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import * as z from "zod";
import type { TenantService } from "../service";
import { callerOf } from "./access";
import { described } from "./openapi";
import { answer, Backup, ListQuery, Operation, OperationParams, problems, Tenant, TenantPage, UserParams } from "./schemas";

const FINAL: readonly string[] = ["succeeded", "failed", "cancelled"];
/** Seconds after which an operation that has not ended may be asked for again. */
const POLL_SECONDS = "1";

/** A route, what it is given, and what it answers with. */
function read<Given extends object, Answer extends z.ZodType>(
  tag: "tenants" | "operations",
  operationId: string,
  summary: string,
  given: Given,
  shape: Answer,
) {
  const { config, about } = described({ operationId, summary, tag, scope: "tenants:read" });
  return { config, schema: { ...about, ...given, response: { 200: answer(summary, shape), default: problems } } };
}

const params = UserParams;

/** All that is asked and changes nothing. */
export const reads =
  (service: TenantService): FastifyPluginAsyncZod =>
  async (app) => {
    app.get("/tenants", read("tenants", "list", "Tenants, by user.", { querystring: ListQuery }, TenantPage), async (request) => {
      const { items, next } = await service.list(request.query, callerOf(request));
      return { items: [...items], ...(next !== undefined && { next }) };
    });
    app.get("/tenants/:user", read("tenants", "show", "One tenant.", { params }, Tenant), (request) =>
      service.show(request.params.user, callerOf(request)),
    );
    app.get("/tenants/:user/backups", read("tenants", "backups", "Its backups.", { params }, z.array(Backup)), (request) =>
      service.backups(request.params.user, callerOf(request)),
    );
    app.get(
      "/tenants/:user/operations",
      read("tenants", "operations", "Its unfinished operations and the last finished ones, newest first.", { params }, z.array(Operation)),
      (request) => service.operations(request.params.user, callerOf(request)),
    );
    app.get(
      "/operations/:id",
      read("operations", "operation", "One operation, as it is now.", { params: OperationParams }, Operation),
      async (request, reply) => {
        const operation = await service.operation(request.params.id, callerOf(request));
        if (!FINAL.includes(operation.state)) void reply.header("retry-after", POLL_SECONDS);
        return operation;
      },
    );
  };
