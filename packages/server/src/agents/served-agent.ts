import { issues, quoted } from "@orchestra/core/extend";
import { ArgumentError } from "@orchestra/core/gateway";
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

  /** @throws {ArgumentError} for two agents with the same role */
  constructor(agents: readonly ServedAgent[]) {
    const byRole = new Map<string, ServedAgent>();
    for (const [index, agent] of agents.entries()) {
      const { name } = agent.role;
      if (byRole.has(name)) {
        throw new ArgumentError(
          `serve(): options.agents[${index}] has the role ${quoted(name)} of another agent: expected a different role for each`,
        );
      }
      byRole.set(name, agent);
    }
    this.#agents = byRole;
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
