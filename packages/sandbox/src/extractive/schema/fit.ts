import type { JsonObject } from "../../wire/chat-request.ts";

/** Values for formats that a sentence does not match. */
const OF_FORMAT: Record<string, string> = {
  "date-time": "1970-01-01T00:00:00Z",
  date: "1970-01-01",
  time: "00:00:00Z",
  duration: "PT0S",
  email: "nobody@example.com",
  hostname: "example.com",
  ipv4: "127.0.0.1",
  ipv6: "::1",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** Adapts a text to a schema's format and length. */
export function fitText(schema: JsonObject, text: string): string {
  const format = typeof schema.format === "string" ? schema.format : "";
  if (format === "uri" || format === "url") {
    return URL.canParse(text) ? text : `file:///${encodeURI(text)}`;
  }
  const formatted = OF_FORMAT[format] ?? text;
  const min = typeof schema.minLength === "number" ? schema.minLength : 0;
  const max = typeof schema.maxLength === "number" ? schema.maxLength : Infinity;
  const padded = formatted.padEnd(min, formatted === "" ? "-" : ".");
  return padded.length > max ? shorten(padded, max) : padded;
}

/** Cuts at the end of a word, if that keeps most of the text. */
function shorten(text: string, max: number): string {
  const cut = text.slice(0, max);
  const space = cut.lastIndexOf(" ");
  return space > max * 0.6 ? cut.slice(0, space) : cut;
}

/** Adapts a number to a schema's limits and steps. */
export function fitNumber(schema: JsonObject, value: number): number {
  const isInteger = schema.type === "integer";
  const step = typeof schema.multipleOf === "number" ? schema.multipleOf : isInteger ? 1 : 0;
  const min = bound(schema, "minimum", "exclusiveMinimum", step || Number.EPSILON, -Infinity);
  const max = bound(schema, "maximum", "exclusiveMaximum", -(step || Number.EPSILON), Infinity);
  const rounded = step > 0 ? Math.round(value / step) * step : value;
  return Math.min(max, Math.max(min, rounded));
}

function bound(
  schema: JsonObject,
  inclusive: string,
  exclusive: string,
  step: number,
  otherwise: number,
): number {
  if (typeof schema[inclusive] === "number") return schema[inclusive];
  return typeof schema[exclusive] === "number" ? schema[exclusive] + step : otherwise;
}
