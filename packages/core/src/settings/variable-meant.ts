import leven from "leven";
import { typos } from "../errors/typos.ts";
import { readVariable, type Environment } from "./read-variable.ts";
import { runtimeVariableNames } from "./runtime-variables.ts";
import { serverVariableNames } from "./server-variables.ts";
import { optionOfOthers } from "./setting-meant.ts";
import { variables } from "./variables.ts";

/** Every variable that Orchestra reads. */
export const knownVariables: readonly string[] = [
  ...Object.values(variables).map(({ variable }) => variable),
  ...runtimeVariableNames,
  ...serverVariableNames,
];

/** Names with these prefixes are Orchestra's. */
const ownPrefix = /^(LLM|OPENROUTER|PORTKEY|ORCHESTRA)_/;

/** Other programs use these prefixes too (Azure Pipelines sets `AGENT_NAME`): only near misses count. */
const sharedPrefix = /^(AGENT|LOG|DOCUMENTS)_/;

/** Whether a name shows that its variable can only be for Orchestra. */
export function isOwnName(name: string): boolean {
  return ownPrefix.test(name);
}

/** The known variable that an unknown one was probably meant to be; `undefined` if none is similar. */
export function variableMeantBy(name: string, environment: Environment): string | undefined {
  if (isOwnName(name)) return withTypo(name, 1) ?? withOtherWords(name) ?? withTypo(name, maxTypos);
  if (sharedPrefix.test(name)) {
    const nearest = nearestTo(name);
    if (leven(name, nearest) <= nearest.length / 3) return nearest;
  }
  const misspelt = knownVariables.find((other) => isMisspelt(name, other));
  if (misspelt !== undefined) return misspelt;
  // Other programs use such names: if the right one is set too, they belong to another program.
  const meant = isKeyOfOpenRouter(name, environment) ? keyVariable : withoutPrefix(name);
  return meant !== undefined && readVariable(environment, meant) === undefined ? meant : undefined;
}

/** Differences that a typing error makes, such as `RETRY` for `RETRIES`, in at most half of what follows the prefix. */
const maxTypos = 3;

function withTypo(name: string, most: number): string | undefined {
  const nearest = nearestTo(name);
  const maxDistance = Math.min(most, name.replace(ownPrefix, "").length / 2);
  return leven(name, nearest) <= maxDistance ? nearest : undefined;
}

function nearestTo(name: string): string {
  return knownVariables.reduce((best, next) =>
    leven(name, next) < leven(name, best) ? next : best,
  );
}

/**
 * The variable that other libraries call so (`LLM_MODEL`), and the one that has all words of a name
 * (`LLM_BUDGET_USD`), or all but the prefix (`ORCHESTRA_LOG_LEVEL`).
 */
function withOtherWords(name: string): string | undefined {
  const rest = name.replace(ownPrefix, "");
  const option = optionOfOthers(name) ?? optionOfOthers(rest);
  return option === undefined ? (withWords(name) ?? withWords(rest)) : variables[option].variable;
}

/** The shortest one. */
function withWords(name: string): string | undefined {
  return knownVariables
    .filter((other) => wordsOf(name).isSubsetOf(wordsOf(other)))
    .toSorted((a, b) => a.length - b.length)[0];
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
  const upper = name.toUpperCase();
  // Counting typos takes long, and a swap is at most one more: most names need not be counted.
  return leven(upper, other) <= maxDistance + 1 && typos(upper, other) <= maxDistance;
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf("_") + 1);
}

const keyVariable = variables.openRouterApiKey.variable;

/** The variable may have another name: `OPENAI_API_KEY` is common. */
function isKeyOfOpenRouter(name: string, environment: Environment): boolean {
  return readVariable(environment, name)?.startsWith("sk-or-") === true;
}

/** Words that only Orchestra's variables have together with the others of their names. */
const ownWords: ReadonlySet<string> = new Set(
  "LLM OPENROUTER PORTKEY ORCHESTRA AGENT DOCUMENT".split(" "),
);
/** Names of other programs have none of these: `MAX_RETRIES` can be anybody's, `DEFAULT_MODEL` hardly. */
const wordsOfModels: ReadonlySet<string> = new Set(
  "MODEL TOKEN BUDGET FALLBACK TOOL PROVIDER".split(" "),
);

/** The variable whose words are in another order (`AGENT_MAP_MODEL`), with more (`MY_OPENROUTER_API_KEY`), or without the prefix. */
function withoutPrefix(name: string): string | undefined {
  const words = wordsOf(name);
  const isAboutModels = words.size > 1 && !words.isDisjointFrom(wordsOfModels);
  if (!isAboutModels && words.isDisjointFrom(ownWords)) return undefined;
  return knownVariables.find((other) => {
    const all = wordsOf(other);
    if (all.isDisjointFrom(ownWords)) return false;
    const isSame = isAboutModels && all.difference(ownWords).symmetricDifference(words).size === 0;
    return isSame || all.isSubsetOf(words);
  });
}

/** Without their plurals: `MODELS` and `MODEL` are the same, as are `RETRIES` and `RETRY`. */
function wordsOf(name: string): Set<string> {
  const words = name.toUpperCase().split("_");
  return new Set(words.map((word) => word.replace(/IES$/, "Y").replace(/(?<!S)S$/, "")));
}
