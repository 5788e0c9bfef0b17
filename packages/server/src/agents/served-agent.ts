import { issues, quoted } from "@orchestra/core/extend";
import type { CallKey, OrchestraEvent } from "@orchestra/core";
import { invalidRequest } from "../errors/api-error.ts";

interface CallConfig {
  readonly signal: AbortSignal;
  readonly configurable: {
    readonly run_id: string;
    readonly key?: CallKey;
    readonly user?: string;
    readonly on_event?: (event: OrchestraEvent) => void;
  };
}

/** An agent that clients may call, as `orchestra.agent()` returns it. */
export interface ServedAgent {
  readonly role: { readonly name: string };
  invoke(input: unknown, config: CallConfig): Promise<unknown>;
  stream(input: unknown, config: CallConfig): Promise<AsyncIterable<unknown>>;
}

/** The agents that clients may call, by their roles. */
export class Agents {
  readonly #agents: ReadonlyMap<string, ServedAgent>;

  constructor(agents: readonly ServedAgent[]) {
    this.#agents = new Map(agents.map((agent) => [agent.role.name, agent]));
  }

  get names(): readonly string[] {
    return [...this.#agents.keys()];
  }

  /** @throws {ApiError} for an unknown agent */
  require(name: string): ServedAgent {
    const agent = this.#agents.get(name);
    if (agent) return agent;
    throw invalidRequest(`There is no agent ${quoted(name)}. ${this.#advice(name)}`, {
      status: 404,
      code: "unknown_agent",
      param: "role",
    });
  }

  #advice(name: string): string {
    const { names } = this;
    if (names.length === 0) {
      return "This server has no agents: list them as agents in orchestra.config.ts, or as serve({ agents }).";
    }
    const nearest = issues.nearestName(name, names);
    return nearest === undefined ? `Agents: ${names.join(", ")}.` : `Did you mean ${nearest}?`;
  }
}
