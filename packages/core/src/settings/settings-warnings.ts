import leven from "leven";
import { typos } from "../errors/typos.ts";
import { checkInput } from "../input/check-input.ts";
import { object } from "../input/schemas.ts";
import { readVariable, type Environment } from "./read-variable.ts";
import { runtimeVariableNames } from "./runtime-variables.ts";
import { serverVariableNames } from "./server-variables.ts";
import { variables } from "./variables.ts";

const knownNames: readonly string[] = [
  ...Object.values(variables).map(({ variable }) => variable),
  ...runtimeVariableNames,
  ...serverVariableNames,
];
const known: ReadonlySet<string> = new Set(knownNames);

/** Names with these prefixes are Orchestra's. */
const ownPrefix = /^(LLM|OPENROUTER|PORTKEY|ORCHESTRA)_/;

/** Other programs use these prefixes too (Azure Pipelines sets `AGENT_NAME`): only near misses count. */
const sharedPrefix = /^(AGENT|LOG|DOCUMENTS)_/;

/**
 * One warning for each variable that is set, looks like one of Orchestra's and is not known: most
 * likely it is misspelt and has no effect. Values are not shown.
 */
export function settingsWarnings(environment: Environment = process.env): string[] {
  checkInput(object, environment, "settingsWarnings()", "environment");
  return Object.keys(environment)
    .filter((name) => !known.has(name) && readVariable(environment, name) !== undefined)
    .flatMap((name) => {
      const nearest = meantBy(name);
      return nearest === undefined
        ? []
        : [`${name} is not a known variable and has no effect. Did you mean ${nearest}?`];
    });
}

/** The known name that an unknown one most likely means; `undefined` for another program's variable. */
function meantBy(name: string): string | undefined {
  if (ownPrefix.test(name)) return nearestTo(name);
  if (sharedPrefix.test(name)) {
    const nearest = nearestTo(name);
    if (leven(name, nearest) <= nearest.length / 3) return nearest;
  }
  return knownNames.find((other) => isMisspelt(name, other));
}

/** Differences that a typing error makes, such as `RETRY` for `RETRIES`, in at most half of what follows the prefix. */
const maxTypos = 3;

/**
 * The nearest name by edit distance. Without one that differs by typing errors only, names that have
 * all its words go first: `OPENROUTER_KEY` is `OPENROUTER_API_KEY`, not `OPENROUTER_TIER`.
 */
function nearestTo(name: string): string {
  const nearest = (names: readonly string[]) =>
    names.reduce((best, next) => (leven(name, next) < leven(name, best) ? next : best));
  const words = name.split("_");
  const related = knownNames.filter((other) =>
    words.every((word) => other.split("_").includes(word)),
  );
  const best = nearest(knownNames);
  const maxDistance = Math.min(maxTypos, name.replace(ownPrefix, "").length / 2);
  return leven(name, best) <= maxDistance || related.length === 0 ? best : nearest(related);
}

/** Typing errors in a name whose prefix does not show that it is Orchestra's. */
const maxTyposInForeign = 2;
/** Names of other programs come this near to shorter ones: `DATABASE_URI`, `TRACE_IDS`. */
const minDistinctLength = 14;

/** Whether a name is a known one in the wrong case or with typing errors, in at most a sixth of it. */
function isMisspelt(name: string, other: string): boolean {
  const maxDistance = Math.min(maxTyposInForeign, Math.floor(name.length / 6));
  if (Math.abs(name.length - other.length) > maxDistance) return false;
  if (name.length < minDistinctLength && lastWord(name) !== lastWord(other)) return false;
  return typos(name.toUpperCase(), other) <= maxDistance;
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf("_") + 1);
}
