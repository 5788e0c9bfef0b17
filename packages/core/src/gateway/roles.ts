import { LRUCache } from "lru-cache";
import { createRoleConfig, type RoleContext } from "./create-role-config.ts";
import type { RoleConfig } from "./role-config.ts";
import type { ClientOptions, RoleOptions } from "./role-options.ts";
import { UnknownRoles } from "./unknown-roles.ts";

/** Limits the roles in memory: callers of a server choose their names. */
const maxRoles = 1000;

/** The roles of calls. Each is configured from the settings when it is first used. */
export class Roles {
  /** The role of calls that name none. */
  readonly general: RoleConfig;
  /** Names in the settings that are probably misspelt. */
  readonly unknown: UnknownRoles;
  readonly #context: RoleContext;
  readonly #configs = new LRUCache<string, RoleConfig>({ max: maxRoles });
  readonly #declared = new Set<string>();

  constructor(context: RoleContext) {
    this.#context = context;
    this.unknown = new UnknownRoles(context.settings);
    this.general = this.with("general", {});
  }

  /** @param model - An id instead of the role's own. */
  of(role: string, model?: string): RoleConfig {
    const key = model === undefined ? role : JSON.stringify([role, model]);
    let config = this.#configs.get(key);
    if (!config) this.#configs.set(key, (config = this.with(role, { model })));
    return config;
  }

  /** A role with its own options. It is not kept. */
  with(role: string, options: RoleOptions & ClientOptions): RoleConfig {
    this.unknown.markKnown(role);
    return createRoleConfig(role, options, this.#context);
  }

  /** Adds a role that the program itself calls. */
  declare(role: string): void {
    this.unknown.markKnown(role);
    this.#declared.add(role);
  }

  /** The roles that were called or declared so far, and those of `AGENT_MODEL_MAP`. */
  get names(): readonly string[] {
    const called = [...this.#configs.values()].map(({ plan }) => plan.role);
    const { agentModels } = this.#context.settings;
    return [...new Set([...this.#declared, ...called, ...Object.keys(agentModels)])];
  }
}
