import type { Gateway } from "@orchestra/core";
import type { Roles } from "../calls/roles.ts";

/**
 * The names that may be labels. Clients choose roles and models, and each label is kept for as long as the
 * server runs, so names that are neither in the settings nor in the catalog become `other`.
 */
export class KnownNames {
  readonly other = "other";
  readonly #catalog: Gateway["catalog"];
  readonly #roles: Roles;
  readonly #ofSettings: ReadonlySet<string>;

  constructor({ settings, catalog }: Gateway, roles: Roles) {
    this.#catalog = catalog;
    this.#roles = roles;
    this.#ofSettings = new Set([
      settings.defaultModel,
      ...Object.values(settings.agentModels),
      ...settings.fallbacks.flatMap(({ model }) => model ?? []),
    ]);
  }

  role(name: string): string {
    return this.#roles.has(name) ? name : this.other;
  }

  /** A variant, such as `:online`, counts as its model, because clients may send any. */
  model(id: string): string {
    if (this.#ofSettings.has(id)) return id;
    const model = id.replace(/@preset\/.*$/, "").replace(/:[^/]*$/, "");
    if (this.#ofSettings.has(model)) return model;
    const { contextLength, promptUsd } = this.#catalog.cachedModelInfo(model, "jsonMode");
    return contextLength === undefined && promptUsd === undefined ? this.other : model;
  }
}
