import type { CallKey, CompletionRequest } from "@orchestra/core";
import { keyRefusal, modelRefusal, quoted, roleRefusal } from "@orchestra/core/extend";
import type { ApiKey } from "@orchestra/runtime";
import { ApiError } from "../errors/api-error.ts";
import type { Access } from "../routes/access.ts";
import { missingKey } from "./key-error.ts";

/** The client of a request, and its permissions. Without a key of the database, it has all permissions. */
export class Client {
  readonly key: ApiKey | undefined;

  constructor(key?: ApiKey) {
    this.key = key;
  }

  /** The key of the calls of an agent. */
  get configurable(): { readonly key?: CallKey } {
    return this.key ? { key: this.key } : {};
  }

  /** The key of the runs that the client starts or continues. */
  get runOptions(): { readonly keyId?: string } {
    return this.key ? { keyId: this.key.id } : {};
  }

  /** The only key whose usage the client may read; `undefined` if it may read all usage. */
  get usageKeyId(): string | undefined {
    return this.key?.scopes.includes("admin") ? undefined : this.key?.id;
  }

  /** @throws {ApiError} if the key does not have the scope of a route */
  requireScope(access: Access): void {
    const { key } = this;
    if (!key || access === "public" || access === "any") return;
    const { scopes } = key;
    if (scopes.includes(access) || scopes.includes("admin")) return;
    throw refused(
      keyRefusal(key.name, `does not have the scope ${access} (it has ${scopes.join(", ")})`),
    );
  }

  /** @throws {ApiError} if the key does not allow the role */
  requireRole(role: string): void {
    const refusal = roleRefusal(this.key, role);
    if (refusal !== undefined) throw refused(refusal);
  }

  /** @throws {ApiError} if the key does not allow the model */
  requireModel(model: unknown): void {
    const refusal = modelRefusal(this.key, model);
    if (refusal !== undefined) throw refused(refusal);
  }

  /**
   * Checks the models that a request names, except that of its role.
   *
   * @throws {ApiError} if the key does not allow a model
   */
  requireModelsOf(request: CompletionRequest): void {
    if (!this.key?.models) return;
    const fields = request as Readonly<Record<string, unknown>>;
    const { model, models, preset, tools, plugins } = fields;
    if (model !== undefined) this.requireModel(model);
    if (models !== undefined) for (const each of [models].flat()) this.requireModel(each);
    if (preset !== undefined) this.#refuse("a preset");
    this.#requireAllowed(tools, "type", toolsWithoutModels, "tool");
    this.#requireAllowed(plugins, "id", pluginsWithoutModels, "plugin");
  }

  /** @throws {ApiError} for features that may call other models */
  #requireAllowed(list: unknown, field: string, allowed: ReadonlySet<unknown>, what: string): void {
    for (const each of [list ?? []].flat()) {
      const { [field]: name } = Object(each) as Readonly<Record<string, unknown>>;
      if (!allowed.has(name)) this.#refuse(`the ${what} ${quoted(String(name))}`);
    }
  }

  #refuse(what: string): never {
    const name = this.key?.name ?? "";
    const problem = `is limited to some models, and ${what} may use others`;
    throw refused(keyRefusal(name, problem));
  }
}

/** Types of tools that call no other model. OpenRouter has others, such as its advisors. */
const toolsWithoutModels: ReadonlySet<unknown> = new Set([
  "function",
  "openrouter:datetime",
  "openrouter:web_fetch",
  "openrouter:web_search",
]);

/** Plugins of OpenRouter that call no other model. */
const pluginsWithoutModels: ReadonlySet<unknown> = new Set([
  "context-compression",
  "file-parser",
  "response-healing",
  "web",
]);

function refused(message: string): ApiError {
  return new ApiError(message, {
    status: 403,
    type: "permission_error",
    code: "key_not_allowed",
  });
}

/** The client of a request with a key of `ORCHESTRA_SERVER_KEYS`, or of any request if no key is required. */
export const unrestrictedClient = new Client();

/** A client whose key was not checked. */
class UnauthenticatedClient extends Client {
  override requireScope(access: Access): void {
    if (access !== "public") throw missingKey();
  }
}

/** The client of a request for a public route. It has no permissions, even if another route gets the request. */
export const unauthenticatedClient: Client = new UnauthenticatedClient();
