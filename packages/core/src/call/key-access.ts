import { quoted } from "../errors/bounded.ts";
import type { CallKey } from "./run-scope.ts";

/** The reason why a key does not allow a role; `undefined` if it does. */
export function roleRefusal(key: CallKey | undefined, role: string): string | undefined {
  if (!key?.roles || key.roles.includes(role)) return undefined;
  return keyRefusal(
    key.name,
    `is not for the role ${quoted(role)} (it is for ${key.roles.join(", ")})`,
  );
}

/** The reason why a key does not allow a model that its client names; `undefined` if it does. */
export function modelRefusal(key: CallKey | undefined, model: unknown): string | undefined {
  if (!key?.models || (typeof model === "string" && key.models.includes(model))) return undefined;
  const name = typeof model === "string" ? quoted(model) : "that it names";
  return keyRefusal(key.name, `is not for the model ${name} (it is for ${key.models.join(", ")})`);
}

/** The error of a key without the permission, with what to do. */
export function keyRefusal(name: string, problem: string): string {
  return `The key ${quoted(name)} ${problem}. Use another key.`;
}
