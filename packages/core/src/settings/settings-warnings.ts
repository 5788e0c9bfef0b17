import leven from "leven";
import { checkInput } from "../input/check-input.ts";
import { object } from "../input/schemas.ts";
import { readVariable, type Environment } from "./read-variable.ts";
import { runtimeVariableNames } from "./runtime-variables.ts";
import { variables } from "./variables.ts";

const knownNames: ReadonlySet<string> = new Set([
  ...Object.values(variables).map(({ variable }) => variable),
  ...runtimeVariableNames,
]);

/** Names with these prefixes are Orchestra's. */
const ownPrefix = /^(LLM|OPENROUTER|PORTKEY|ORCHESTRA)_/;

/** Other programs use these prefixes too (Azure Pipelines sets `AGENT_NAME`): only near misses count. */
const sharedPrefix = /^(AGENT|LOG)_/;

/**
 * One warning for each variable that is set, looks like one of Orchestra's and is not known: most
 * likely it is misspelt and has no effect. Values are not shown.
 */
export function settingsWarnings(environment: Environment = process.env): string[] {
  checkInput(object, environment, "settingsWarnings()", "environment");
  return Object.keys(environment)
    .filter((name) => !knownNames.has(name) && readVariable(environment, name) !== undefined)
    .flatMap((name) => {
      const nearest = nearestTo(name);
      const isOurs = ownPrefix.test(name) || (sharedPrefix.test(name) && isNear(name, nearest));
      return isOurs
        ? [`${name} is not a known variable and has no effect. Did you mean ${nearest}?`]
        : [];
    });
}

/** Differences that a typing error makes, such as `RETRY` for `RETRIES`. */
const maxTypos = 3;

/**
 * The nearest name by edit distance. Without one that differs by typing errors only, names that have
 * all its words go first: `OPENROUTER_MODEL` is `OPENROUTER_DEFAULT_MODEL`, not `OPENROUTER_TIER`.
 */
function nearestTo(name: string): string {
  const nearest = (names: readonly string[]) =>
    names.reduce((best, next) => (leven(name, next) < leven(name, best) ? next : best));
  const names = [...knownNames];
  const words = name.split("_");
  const related = names.filter((known) => words.every((word) => known.split("_").includes(word)));
  const best = nearest(names);
  return leven(name, best) <= maxTypos || related.length === 0 ? best : nearest(related);
}

/** At most a third of the name is wrong. */
function isNear(name: string, known: string): boolean {
  return leven(name, known) <= known.length / 3;
}
