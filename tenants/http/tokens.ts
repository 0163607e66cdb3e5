import { randomBytes } from "node:crypto";
import * as z from "zod";
import { TenantError } from "../errors";
import type { Keyring } from "../keyring";
import type { Database } from "../registry/database";
import { audit, tenantOfUser } from "../registry/rows";
import { TenantName } from "../schemas";
import type { Caller } from "../service";

/** What a token may be for. */
export const SCOPES = ["tenants:read", "tenants:change", "tenants:delete", "tenants:provision", "metrics:read"] as const;
export type Scope = (typeof SCOPES)[number];

/** What a token of one tenant may be for: the others are about all tenants. */
export const TENANT_SCOPES: readonly Scope[] = ["tenants:read", "tenants:change", "tenants:delete"];

const DAY_MS = 86_400_000;
const ID_BYTES = 6;
const SECRET_BYTES = 32;
const FORM = new RegExp(`^stackyard_([0-9a-f]{${ID_BYTES * 2}})_[A-Za-z0-9_-]{${Math.ceil((SECRET_BYTES * 4) / 3)}}$`);

export const TokenRequest = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { error: "is no name: use 1 to 63 of a-z, 0-9, ., _ and -, a letter or a digit first" })
      .meta({ description: "What the token is called in lists and in the audit." }),
    tenant: TenantName.optional().meta({
      description: "The one tenant that its holder may see. Left out: an operator's, for all tenants.",
    }),
    scopes: z
      .array(z.enum(SCOPES, { error: `is no scope: use ${SCOPES.join(", ")}` }))
      .min(1)
      .optional()
      .meta({ description: "What it is for. Default: all that such a token may be for." }),
    days: z
      .int({ error: "is no number of days: use 1 to 3650" })
      .min(1)
      .max(3650)
      .default(365)
      .meta({ description: "Days until it ends." }),
  })
  .superRefine(({ tenant, scopes = [] }, context) => {
    const beyond = tenant === undefined ? [] : scopes.filter((scope) => !TENANT_SCOPES.includes(scope));
    if (beyond.length === 0) return;
    context.addIssue({
      code: "custom",
      path: ["scopes"],
      message: `${beyond.join(", ")}: not for a token of one tenant, which can have ${TENANT_SCOPES.join(", ")}`,
    });
  });

export interface TokenView {
  readonly id: string;
  readonly name: string;
  /** User of the one tenant that its holder may see. */
  readonly tenant?: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt?: string;
}

/** Who has shown a token. */
export interface Holder {
  readonly id: string;
  /** Name in the audit: no other token ever has it, though a later one may be called the same. */
  readonly name: string;
  readonly tenant?: Caller["tenant"];
  readonly scopes: readonly Scope[];
}

/**
 * Tokens of the HTTP API. A token is 256 random bits; the registry has its HMAC-SHA-256 under a key of the keyring, so that a copy of the registry
 * is of no use to who wants in. A tenant's token is bound to the tenant's id: who comes back under the same user name is another tenant.
 */
export class Tokens {
  constructor(
    private readonly db: Database,
    private readonly keyring: Keyring,
  ) {}

  /**
   * @param by who makes it, for the audit
   * @returns the token, which nobody can be shown again
   * @throws TenantError
   */
  async create(request: z.input<typeof TokenRequest>, by: string): Promise<{ token: string; view: TokenView }> {
    const { data, error } = TokenRequest.safeParse(request);
    if (error) {
      const wrong = error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
      throw new TenantError("invalid", `the token was not made:\n${wrong.map(({ path, message }) => `  ${path}: ${message}`).join("\n")}`, {
        wrong,
      });
    }
    const { name, tenant: user, scopes = user === undefined ? SCOPES : TENANT_SCOPES, days } = data;
    const id = randomBytes(ID_BYTES).toString("hex");
    const token = `stackyard_${id}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
    await this.db.transaction().execute(async (db) => {
      const tenant = user === undefined ? undefined : await tenantOfUser(db, user);
      if (user !== undefined && tenant === undefined) {
        throw new TenantError("not-found", `there is no tenant "${user}"`, { remedy: ["npx stackyard tenants list"] });
      }
      const values = {
        id,
        name,
        mark: this.keyring.mark(placed(token)),
        scopes: [...new Set(scopes)],
        tenant_id: tenant?.id ?? null,
        expires_at: new Date(Date.now() + days * DAY_MS),
      };
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("tokens")
        .values(values)
        .onConflict((on) => on.column("name").where("revoked_at", "is", null).doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 0n) {
        throw new TenantError("conflict", `there is a token "${name}" already`, { remedy: [`npx stackyard tenants token revoke ${name}`] });
      }
      await audit(db, {
        caller: by,
        action: "token create",
        user,
        tenant: tenant?.id,
        outcome: "accepted",
        details: auditName({ id, name }),
      });
    });
    return { token, view: await this.view(id) };
  }

  /** All tokens, those that were revoked or have ended among them, by name. */
  async list(): Promise<TokenView[]> {
    return (await this.rows().orderBy("tokens.name").orderBy("tokens.created_at").execute()).map(viewOf);
  }

  /** From now on, nobody gets in by it. @throws TenantError where no token in use is called so */
  async revoke(name: string, by: string): Promise<TokenView> {
    const id = await this.db.transaction().execute(async (db) => {
      const revoked = await db
        .updateTable("tokens")
        .set({ revoked_at: new Date() })
        .where("name", "=", name)
        .where("revoked_at", "is", null)
        .returning(["id", "tenant_id"])
        .executeTakeFirst();
      if (revoked === undefined)
        throw new TenantError("not-found", `there is no token "${name}" in use`, { remedy: ["npx stackyard tenants token list"] });
      const details = auditName({ id: revoked.id, name });
      await audit(db, { caller: by, action: "token revoke", tenant: revoked.tenant_id ?? undefined, outcome: "accepted", details });
      return revoked.id;
    });
    return this.view(id);
  }

  /** Who holds a token; nobody where it is none, was revoked, has ended, or its tenant is purged. */
  async holder(token: string): Promise<Holder | undefined> {
    const [, id] = FORM.exec(token) ?? [];
    if (id === undefined) return undefined;
    const row = await this.rows().where("tokens.id", "=", id).executeTakeFirst();
    if (row === undefined || !this.keyring.isMark(row.mark, placed(token))) return undefined;
    if (row.revoked_at !== null || row.expires_at <= new Date() || row.purged_at !== null) return undefined;
    const { tenant_id, user_id } = row;
    const tenant = tenant_id === null || user_id === null ? undefined : { id: tenant_id, user: user_id };
    return { id, name: auditName(row), scopes: row.scopes as Scope[], ...(tenant && { tenant }) };
  }

  private rows() {
    return this.db
      .selectFrom("tokens")
      .leftJoin("tenants", "tenants.id", "tokens.tenant_id")
      .selectAll("tokens")
      .select(["tenants.user_id", "tenants.purged_at"]);
  }

  private async view(id: string): Promise<TokenView> {
    return viewOf(await this.rows().where("tokens.id", "=", id).executeTakeFirstOrThrow());
  }
}

/** Marks of tokens are not those of anything else that the keyring marks. */
const placed = (token: string): string => `token ${token}`;
const auditName = ({ id, name }: { readonly id: string; readonly name: string }): string => `token ${name}/${id}`;

const viewOf = (row: Awaited<ReturnType<ReturnType<Tokens["rows"]>["executeTakeFirstOrThrow"]>>): TokenView => ({
  id: row.id,
  name: row.name,
  ...(row.user_id !== null && { tenant: row.user_id }),
  scopes: row.scopes as Scope[],
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  ...(row.revoked_at !== null && { revokedAt: row.revoked_at.toISOString() }),
});
