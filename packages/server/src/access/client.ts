import type { CallKey, CompletionRequest } from "@orchestra/core";
import { keyRefusal, modelRefusal, roleRefusal } from "@orchestra/core/extend";
import type { ApiKey } from "@orchestra/runtime";
import { ApiError } from "../errors/api-error.ts";
import type { Access } from "../routes/access.ts";

/** Who has sent a request, and what they may do. Without a key of the database, that is all. */
export class Client {
  readonly key: ApiKey | undefined;

  constructor(key?: ApiKey) {
    this.key = key;
  }

  /** What the calls of an agent carry. */
  get configurable(): { readonly key?: CallKey } {
    return this.key ? { key: this.key } : {};
  }

  /** What is stored with the runs that it starts or continues. */
  get runOptions(): { readonly keyId?: string } {
    return this.key ? { keyId: this.key.id } : {};
  }

  /** The only key whose usage it may see; `undefined` where it may see all usage. */
  get usageKeyId(): string | undefined {
    return this.key?.scopes.includes("admin") ? undefined : this.key?.id;
  }

  /** @throws {ApiError} where the key does not have the scope of a route */
  requireScope(access: Access): void {
    const { key } = this;
    if (!key || access === "public" || access === "any") return;
    const { scopes } = key;
    if (scopes.includes(access) || scopes.includes("admin")) return;
    throw refused(
      keyRefusal(key.name, `does not have the scope ${access} (it has ${scopes.join(", ")})`),
    );
  }

  /** @throws {ApiError} where the key is for other roles */
  requireRole(role: string): void {
    const refusal = roleRefusal(this.key, role);
    if (refusal !== undefined) throw refused(refusal);
  }

  /** @throws {ApiError} where the key is for other models */
  requireModel(model: unknown): void {
    const refusal = modelRefusal(this.key, model);
    if (refusal !== undefined) throw refused(refusal);
  }

  /**
   * Checks the models that a request names, beside that of its role.
   *
   * @throws {ApiError} where the key is for other models
   */
  requireModelsOf(request: CompletionRequest): void {
    if (!this.key?.models) return;
    const { model, models, preset } = request as Readonly<Record<string, unknown>>;
    if (model !== undefined) this.requireModel(model);
    if (models !== undefined) for (const each of [models].flat()) this.requireModel(each);
    // It may bring any model.
    if (preset !== undefined) {
      throw refused(keyRefusal(this.key.name, "may use no preset: it is for some models alone"));
    }
  }
}

function refused(message: string): ApiError {
  return new ApiError(message, {
    status: 403,
    type: "permission_error",
    code: "key_not_allowed",
  });
}

/** Who may do everything: with a key of `ORCHESTRA_SERVER_KEYS`, or where none is needed. */
export const anyone = new Client();
