import { isTurnOver, nextTurn } from "../../clock/index.ts";

/** Maximum work for one text, in multiples of its length: models write braces in prose too. */
const maxPasses = 20;
const minBudget = 100_000;

/**
 * Finds the JSON objects and lists in a text: after a byte order mark, in code fences, among words and
 * reasoning, with trailing commas, with line breaks in strings.
 *
 * Other work can run in between.
 *
 * @returns the outermost ones, in their order
 */
export async function findJsonValues(text: string): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  let budget = Math.max(minBudget, text.length * maxPasses);
  const opening = /[[{]/g;
  for (let match = opening.exec(text); match && budget > 0; match = opening.exec(text)) {
    if (isTurnOver()) await nextTurn();
    const end = balancedEnd(text, match.index);
    budget -= (end ?? text.length) - match.index;
    const value = end === undefined ? undefined : parse(text.slice(match.index, end));
    if (end === undefined || value === undefined) continue;
    values.push(value);
    opening.lastIndex = end;
  }
  return values;
}

/** The position after the bracket that closes the one at `start`; brackets in strings do not count. */
export function balancedEnd(text: string, start: number): number | undefined {
  let depth = 0;
  let isString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (isString) {
      if (character === "\\") at += 1;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function parse(text: string): unknown {
  return parseExact(text) ?? parseExact(repair(text));
}

function parseExact(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Removes trailing commas, and adds the escapes that strings need. */
function repair(text: string): string {
  const parts = text.split(/("(?:[^"\\]|\\[^])*")/);
  return parts
    .map((part, at) =>
      at % 2 === 1
        ? part.replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")
        : part,
    )
    .join("")
    .replaceAll(
      /("(?:[^"\\]|\\[^])*")|,(\s*[}\]])/g,
      (_, quoted?: string, close?: string) => quoted ?? close ?? "",
    );
}
