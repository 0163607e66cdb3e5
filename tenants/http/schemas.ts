import * as z from "zod";
import { BackupView, DeleteRequest, ListRequest, OperationView, TenantName, TenantView } from "../schemas";
import { Problem, PROBLEM_TYPE } from "./problems";

/** What HTTP adds to the schemas of the service: names in the API's description, and numbers that come as text. */

/** A schema under the name that it has in the API's description. */
const named = <Schema extends z.ZodType>(id: string, schema: Schema) => schema.meta({ ...schema.meta(), id });

export const Tenant = named("Tenant", TenantView);
export const Operation = named("Operation", OperationView);
export const Backup = named("Backup", BackupView);
export const TenantPage = named(
  "TenantPage",
  z.strictObject({
    items: z.array(Tenant),
    next: z.string().optional().meta({ description: "`after` of the next page; nothing on the last one." }),
  }),
);

/** Numbers of a query come as text. What is none stays what it is, and is refused by the schema. */
const withNumber = <Schema extends z.ZodType>(name: string, schema: Schema) =>
  z.preprocess((query) => {
    const text = (query as Readonly<Record<string, unknown>>)[name];
    return typeof text === "string" && /^\d{1,9}$/.test(text) ? { ...(query as object), [name]: Number(text) } : query;
  }, schema);

export const ListQuery = withNumber("limit", ListRequest);
export const DeleteQuery = withNumber("graceDays", DeleteRequest);

/** Nothing, or an object without anything in it, which some clients cannot leave out. */
export const NoBody = z.strictObject({}).nullish();

export const IdempotencyHeaders = z.looseObject({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, { error: "cannot be used: send 1 to 255 visible characters of ASCII, such as a UUID" })
    .optional()
    .meta({
      description:
        "The same request with the same key is the same operation, however often it is sent: what to send again when no answer came.",
    }),
});

export const UserParams = z.strictObject({ user: TenantName });
export const OperationParams = z.strictObject({ id: z.uuid({ error: "is no id of an operation" }) });

export const problems = { description: "Refused, or failed.", content: { [PROBLEM_TYPE]: { schema: Problem } } };

/** An answer, with what it is. */
export const answer = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});
