import { isObject, type Fields, type MutableFields } from "../input/is-object.ts";
import { mergeField } from "./assemble-completion.ts";

/** Joins the entries of a chunk that continue the same choice. Readers of streams expect one entry for each choice. */
export function joinChoices(choices: readonly unknown[]): unknown[] {
  const byIndex = new Map<unknown, MutableFields>();
  const joined: unknown[] = [];
  for (const choice of choices) {
    const index = isObject(choice) ? (choice["index"] ?? 0) : undefined;
    const known = byIndex.get(index);
    if (known && isObject(choice)) joinInto(known, choice);
    else {
      joined.push(choice);
      if (isObject(choice)) byIndex.set(index, choice);
    }
  }
  return joined;
}

function joinInto(choice: MutableFields, { delta, finish_reason: finish, ...rest }: Fields): void {
  if (finish) choice["finish_reason"] = finish;
  for (const [field, value] of Object.entries(rest)) {
    if (field === "text") mergeField(choice, field, value);
    else choice[field] ??= value;
  }
  if (!isObject(delta)) return;
  const said = isObject(choice["delta"]) ? choice["delta"] : {};
  choice["delta"] = said;
  for (const [field, value] of Object.entries(delta)) {
    const calls = said[field];
    // Pieces of tool calls are joined later.
    if (field === "tool_calls" && Array.isArray(calls)) said[field] = calls.concat(value);
    else mergeField(said, field, value);
  }
}
