import type { Settings } from "../settings/index.ts";

const builtInRoles = ["researcher", "validator", "executor"];

/**
 * The names in `AGENT_MODEL_MAP` and `AGENT_REQUEST_MAP` that no agent has, and for which no model was asked:
 * most likely, they are misspelt.
 */
export class UnknownRoles {
  readonly #settings: Settings;
  readonly #names: Set<string>;
  #isReported = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#names = new Set(Object.keys({ ...settings.agentModels, ...settings.agentRequests }));
    for (const name of builtInRoles) this.#names.delete(name);
  }

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  /** The program has an agent or a model of this name. */
  markKnown(role: string): void {
    this.#names.delete(role);
  }

  /** Warns of the names that are left. Call it at each call's end: it warns at the first one only. */
  report(warn: (message: string) => void): void {
    if (this.#isReported) return;
    this.#isReported = true;
    const { agentModels, agentRequests } = this.#settings;
    for (const [variable, entries] of Object.entries({
      AGENT_MODEL_MAP: agentModels,
      AGENT_REQUEST_MAP: agentRequests,
    })) {
      for (const role of Object.keys(entries)) {
        if (!this.#names.has(role)) continue;
        warn(
          `${variable} has an entry for "${role}", and this program has made no agent of that name. The entry applies only to calls with that agent_type.`,
        );
      }
    }
  }
}
