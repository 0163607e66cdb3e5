import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { NoBody } from "./schemas";
import type { Scope } from "./tokens";

const TAGS = {
  tenants: "What there is.",
  changes: "What changes a tenant; each becomes an operation.",
  operations: "Changes on their way.",
};

interface Description {
  /** Name of the operation for programs that are generated from the description. */
  readonly operationId: string;
  readonly summary: string;
  readonly tag: keyof typeof TAGS;
  readonly scope: Scope;
}

/** What a route says of itself: to callers in the API's description, and to `guard`. */
export const described = ({ operationId, summary, tag, scope }: Description) => ({
  config: { scope },
  about: { operationId, summary, tags: [tag], security: [{ token: [scope] }] },
});

/** Describes the routes that are added after it, by the schemas that check them: `app.swagger()`. */
export const describeApi = (app: FastifyInstance) =>
  app.register(swagger, {
    openapi: {
      openapi: "3.1.1",
      info: {
        title: "FluxionDB as a service",
        version: "1",
        description: "Databases for users: a request becomes an operation, which is polled or followed until it has ended.",
      },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: { token: { type: "http", scheme: "bearer", description: "Made by `stackyard tenants token create`." } },
      },
    },
    transform: (route) =>
      jsonSchemaTransform(route.schema?.body === NoBody ? { ...route, schema: { ...route.schema, body: undefined } } : route),
    transformObject: (document) => withoutInputs(jsonSchemaTransformObject(document)),
  });

type Described = ReturnType<typeof jsonSchemaTransformObject>;

/** Each named schema comes as what is given and as what is answered: ours are answers alone. */
function withoutInputs(document: Described): Described {
  if (!("components" in document)) return document;
  const { schemas = {} } = document.components ?? {};
  return {
    ...document,
    components: {
      ...document.components,
      schemas: Object.fromEntries(Object.entries(schemas).filter(([name]) => !name.endsWith("Input"))),
    },
  } as Described;
}
