import { isJsonObject, type JsonObject } from "../wire/chat-request.ts";
import type { Claim, Material, Passage, Place } from "./passage.ts";
import { parsePlainPassages } from "./plain-material.ts";

const TEXT_KEYS = [
  "text",
  "content",
  "passage",
  "snippet",
  "quote",
  "excerpt",
  "pageContent",
  "page_content",
  "body",
  "markdown",
  "chunk",
];
const CLAIM_KEYS = ["claim", "statement", "finding", "fact", "assertion"];
const PATH_KEYS = ["path", "file", "filePath", "file_path", "filename", "source", "url", "uri"];
const LINE_KEYS = ["line", "startLine", "start_line", "lineStart", "lineNumber", "line_number"];
const PAGE_KEYS = ["page", "pageNumber", "page_number"];
const NUMBER_KEYS = ["number", "id", "n", "index", "ref"];

/** Comments about the material, or about earlier answers, are not material. */
const NOT_MATERIAL =
  /question|issue|problem|instruction|feedback|comment|error|reason|verdict|task/i;

interface Found {
  readonly passages: Passage[];
  readonly claims: Claim[];
}

/** Finds the passages and claims in any parsed JSON. */
export function jsonMaterial(value: unknown): Material {
  const found: Found = { passages: [], claims: [] };
  walk(value, {}, found);
  return found;
}

/** Parses text that looks like a JSON object or array; `undefined` if it is not. */
export function parseJson(text: string): unknown {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed) || !/[\]}]$/.test(trimmed)) return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return undefined;
  }
}

function walk(value: unknown, place: Place, found: Found): void {
  if (typeof value === "string") {
    // A tag or a name in a list is not a passage.
    if (/\S\s+\S+\s+\S/.test(value)) addText(value, place, found);
  } else if (Array.isArray(value)) {
    for (const item of value) walk(item, place, found);
  } else if (isJsonObject(value)) {
    walkObject(value, place, found);
  }
}

function walkObject(value: JsonObject, inherited: Place, found: Found): void {
  const place = placeOf(value, inherited);
  const claimKey = CLAIM_KEYS.find((key) => isText(value[key]));
  if (claimKey !== undefined) {
    found.claims.push(claimOf(value, claimKey, place));
    return;
  }
  const textKey = TEXT_KEYS.find((key) => isText(value[key]));
  if (textKey !== undefined) addText(String(value[textKey]), place, found, numberOf(value));
  for (const [key, field] of Object.entries(value)) {
    if (NOT_MATERIAL.test(key) || key === "metadata") continue;
    if (typeof field === "object") walk(field, place, found);
  }
}

function claimOf(value: JsonObject, claimKey: string, place: Place): Claim {
  const { [claimKey]: text, ...rest } = value;
  const evidence: Found = { passages: [], claims: [] };
  walkObject(rest, place, evidence);
  const number = numberOf(value);
  return {
    kind: "claim",
    text: String(text),
    evidence: evidence.passages,
    ...(number !== undefined && { number }),
  };
}

function addText(text: string, place: Place, found: Found, number?: number): void {
  const nested = parseJson(text);
  if (nested !== undefined) {
    walk(nested, place, found);
    return;
  }
  if (text.trim() === "") return;
  if (place.path === undefined) {
    const plain = parsePlainPassages(text);
    if (plain.length > 1 || plain[0]?.path !== undefined) {
      found.passages.push(...plain);
      return;
    }
  }
  found.passages.push({ kind: "source", text, ...place, ...(number !== undefined && { number }) });
}

function placeOf(value: JsonObject, inherited: Place): Place {
  const nested = [value.metadata, value.source, value.location, value.loc].filter(isJsonObject);
  const where = [value, ...nested];
  const path = firstOf(where, PATH_KEYS, isText);
  const line = firstOf(where, LINE_KEYS, isWhole) ?? firstLine(value.lines);
  const page = firstOf(where, PAGE_KEYS, isWhole);
  return {
    ...inherited,
    ...(path !== undefined && { path }),
    ...(line !== undefined && { line }),
    ...(page !== undefined && { page }),
  };
}

function firstOf<Value>(
  objects: readonly JsonObject[],
  keys: readonly string[],
  test: (field: unknown) => field is Value,
): Value | undefined {
  for (const object of objects) {
    const fields = keys.map((key) => object[key]);
    const field = fields.find(test);
    if (field !== undefined) return field;
  }
  return undefined;
}

/** `[12, 20]`, `"12-20"` and `{ from: 12 }` begin on line 12. */
function firstLine(lines: unknown): number | undefined {
  const first: unknown = Array.isArray(lines) ? lines[0] : isJsonObject(lines) ? lines.from : lines;
  const line = typeof first === "string" ? Number.parseInt(first, 10) : first;
  return isWhole(line) ? line : undefined;
}

function numberOf(value: JsonObject): number | undefined {
  return firstOf([value], NUMBER_KEYS, isWhole);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value);
}
