import type { Gateway } from "@orchestra/core";
import { issues, quoted } from "@orchestra/core/extend";
import { ApiError, invalidRequest, type ApiErrorDetails } from "../errors/api-error.ts";

/** Roles that each gateway has; `general` has the default model. */
const builtIn = ["general", "researcher", "validator", "executor"] as const;

/** The form of a role as a model. */
export const modelPrefix = "agent:";

/** Maximum roles in an error. */
const maxListed = 20;

/** The roles that clients may name. An unknown role creates no model, so that clients cannot fill the memory. */
export class Roles {
  readonly #gateway: Gateway;
  readonly #ofSettings: ReadonlySet<string>;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    const { agentModels, agentRequests } = gateway.settings;
    this.#ofSettings = new Set([
      ...builtIn,
      ...Object.keys(agentModels),
      ...Object.keys(agentRequests),
    ]);
    // Clients may name each of them, so the log must not warn of unused ones.
    gateway.declareRoles([...this.#ofSettings]);
  }

  /** Agents may be defined later. */
  get names(): readonly string[] {
    return [...new Set([...this.#ofSettings, ...this.#gateway.roles])];
  }

  has(name: string): boolean {
    return this.#ofSettings.has(name) || this.#gateway.roles.includes(name);
  }

  /** For an unknown model with the name of a role: how to name the role. */
  explain(error: ApiError, model: unknown): ApiError {
    const { details } = error;
    if (details.code !== "model_not_found" || typeof model !== "string") return error;
    if (!this.has(model)) return error;
    const text = `There is no model ${quoted(model)}, but there is a role with this name: use the model ${modelPrefix}${model}, or agent_type.`;
    return new ApiError(text, details, { cause: error });
  }

  /** @throws {ApiError} for an unknown role, with the nearest one */
  require(name: string, refusal: Partial<ApiErrorDetails>): void {
    if (this.has(name)) return;
    const { names } = this;
    const nearest = issues.nearestName(name, names);
    const listed = names.slice(0, maxListed).join(", ");
    const advice = nearest === undefined ? `Roles: ${listed}.` : `Did you mean ${nearest}?`;
    throw invalidRequest(`There is no role ${quoted(name)}. ${advice}`, refusal);
  }
}
