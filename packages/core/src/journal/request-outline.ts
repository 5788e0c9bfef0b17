import { isObject } from "../input/is-object.ts";
import { requestKey } from "../resilience/coalesce/index.ts";

/**
 * An outline of a request: a text for each of its fields, of each message and each argument of a tool. It shows
 * the differences between two requests, of which a journal has only the hash.
 */
export type RequestOutline = Readonly<Record<string, string>>;

/** A longer value is hashed: a cut value could end with half of a secret, which redaction does not find. */
const maxShown = 100;
/** Maximum messages with their own entry; all later ones share one. */
const maxMessages = 50;

/** @param request - JSON. */
export function outlineOf(request: object): RequestOutline {
  const outline: Record<string, string> = {};
  for (const [field, value] of Object.entries(request)) {
    if (value === undefined) continue;
    if (field === "messages" && Array.isArray(value)) Object.assign(outline, ofMessages(value));
    else if (field === "args" && isObject(value)) {
      for (const [name, given] of Object.entries(value)) outline[`args.${name}`] = shown(given);
    } else outline[field] = shown(value);
  }
  return outline;
}

/** The fields in which two requests differ, each with the old and the new value. */
export function differences(before: RequestOutline, after: RequestOutline): readonly string[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields
    .filter((field) => before[field] !== after[field])
    .map((field) => `${field} was ${before[field] ?? "absent"} and is ${after[field] ?? "absent"}`);
}

function ofMessages(messages: readonly unknown[]): RequestOutline {
  const outline: Record<string, string> = {};
  for (const [index, message] of messages.slice(0, maxMessages).entries()) {
    const { role } = Object(message) as { readonly role?: unknown };
    outline[`messages[${index}]`] = `${String(role)} ${shown(message)}`;
  }
  const rest = messages.slice(maxMessages);
  if (rest.length > 0) outline[`messages[${maxMessages}…]`] = shown(rest);
  return outline;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? "undefined";
  if (json.length <= maxShown) return json;
  return `<${json.length} characters, ${requestKey(value).slice(0, 8)}>`;
}
