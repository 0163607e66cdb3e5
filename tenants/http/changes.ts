import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { AdoptRequest, ProvisionRequest, ResizeRequest, RestoreRequest, RotateKeyRequest, type OperationView } from "../schemas";
import type { TenantService } from "../service";
import { callerOf } from "./access";
import { described } from "./openapi";
import { answer, DeleteQuery, IdempotencyHeaders, NoBody, Operation, problems, UserParams } from "./schemas";
import type { Scope } from "./tokens";

/** A route and what it is given. */
function change<Given extends object>(operationId: string, summary: string, given: Given, scope: Scope = "tenants:change") {
  const { config, about } = described({ operationId, summary, tag: "changes", scope });
  const response = { 202: answer("The operation that the request became.", Operation), default: problems };
  return { config, schema: { ...about, ...given, headers: IdempotencyHeaders, response } };
}

const params = UserParams;
const body = NoBody;

/** All that changes a tenant. Each answers with the operation that the request became. */
export const changes =
  (service: TenantService): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook("preSerialization", async (_request, reply, operation) => {
      void reply.code(202).header("location", `/v1/operations/${(operation as OperationView).id}`);
      return operation;
    });

    app.post("/tenants", change("provision", "Makes a tenant.", { body: ProvisionRequest }, "tenants:provision"), (request) =>
      service.provision(request.body, callerOf(request)),
    );
    app.post(
      "/adoptions",
      change("adopt", "Takes over what was kept of a user's database.", { body: AdoptRequest }, "tenants:provision"),
      (request) => service.adopt(request.body, callerOf(request)),
    );
    app.post("/tenants/:user/resize", change("resize", "Gives it more RAM; never less.", { params, body: ResizeRequest }), (request) =>
      service.resize(request.params.user, request.body, callerOf(request)),
    );
    app.post("/tenants/:user/rotate-key", change("rotateKey", "Gives it another key.", { params, body: RotateKeyRequest }), (request) =>
      service.rotateKey(request.params.user, request.body, callerOf(request)),
    );
    app.post("/tenants/:user/suspend", change("suspend", "Stops it; data, key and address stay.", { params, body }), (request) =>
      service.suspend(request.params.user, callerOf(request)),
    );
    app.post(
      "/tenants/:user/resume",
      change("resume", "Starts it again, or takes back its deletion while its grace days last.", { params, body }),
      (request) => service.resume(request.params.user, callerOf(request)),
    );
    app.post("/tenants/:user/backups", change("backup", "Takes a snapshot of its volume.", { params, body }), (request) =>
      service.backup(request.params.user, callerOf(request)),
    );
    app.post(
      "/tenants/:user/restore",
      change("restore", "Restores a backup, on a new volume.", { params, body: RestoreRequest }),
      (request) => service.restore(request.params.user, request.body, callerOf(request)),
    );
    app.delete(
      "/tenants/:user",
      change("delete", "Suspends it; its data go after its grace days.", { params, querystring: DeleteQuery, body }, "tenants:delete"),
      (request) => service.delete(request.params.user, request.query, callerOf(request)),
    );
  };
