import type { CallKey, CompletionRequest } from "@orchestra/core";
import type { ApiKey } from "@orchestra/runtime";
import { quoted } from "@orchestra/core/extend";
import { ApiError } from "../errors/api-error.ts";
import type { Access } from "../routes/access.ts";

/** Who has sent a request, and what they may do. Without a key of the database, that is all. */
export class Client {
  readonly key: ApiKey | undefined;

  constructor(key?: ApiKey) {
    this.key = key;
  }

  /** As its calls carry it. */
  get callKey(): CallKey | undefined {
    if (!this.key) return undefined;
    const { id, name, budget } = this.key;
    return budget ? { id, name, budget } : { id, name };
  }

  /** The same, for the calls of an agent. */
  get configurable(): { readonly key?: CallKey } {
    const { callKey } = this;
    return callKey ? { key: callKey } : {};
  }

  /** @throws {ApiError} where the key has not the scope of a route */
  requireScope(access: Access): void {
    const scopes = this.key?.scopes;
    if (!scopes || access === "public" || scopes.includes(access) || scopes.includes("admin")) {
      return;
    }
    throw this.#refusal(`has not the scope ${access} (it has ${scopes.join(", ")})`);
  }

  /** @throws {ApiError} where the key is for other roles */
  requireRole(role: string): void {
    const roles = this.key?.roles;
    if (!roles || roles.includes(role)) return;
    throw this.#refusal(`is not for the role ${quoted(role)} (it is for ${roles.join(", ")})`);
  }

  /** @throws {ApiError} where the key is for other models */
  requireModel(model: unknown): void {
    const models = this.key?.models;
    if (!models || (typeof model === "string" && models.includes(model))) return;
    const name = typeof model === "string" ? quoted(model) : "that it names";
    throw this.#refusal(`is not for the model ${name} (it is for ${models.join(", ")})`);
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
    if (preset !== undefined) throw this.#refusal("may use no preset: it is for some models alone");
  }

  #refusal(problem: string): ApiError {
    return new ApiError(`The key ${quoted(this.key?.name ?? "")} ${problem}. Use another key.`, {
      status: 403,
      type: "permission_error",
      code: "key_not_allowed",
    });
  }
}

/** Who may do everything: with a key of `ORCHESTRA_SERVER_KEYS`, or where none is needed. */
export const anyone = new Client();
