import { nearestName } from "../errors/explain-issue.ts";
import { variables } from "./variables.ts";

type Name = keyof typeof variables;

/** Names of our settings in other libraries. */
const otherNames: Readonly<Record<string, Name>> = {
  model: "defaultModel",
  models: "agentModels",
  apiKey: "openRouterApiKey",
  key: "openRouterApiKey",
  baseURL: "baseUrl",
  url: "baseUrl",
  defaultHeaders: "headers",
  timeout: "requestTimeoutMs",
  timeoutMs: "requestTimeoutMs",
  retries: "maxRetries",
  budget: "budgetUsdPerRun",
  maxCost: "budgetUsdPerRun",
  maxCostUsd: "budgetUsdPerRun",
  level: "logLevel",
  token: "openRouterApiKey",
  apiToken: "openRouterApiKey",
  apiBase: "baseUrl",
  siteUrl: "headers",
  appName: "headers",
  httpReferer: "headers",
  fallbackModels: "fallbacks",
  portkeyKey: "portkeyApiKey",
  portkeyUrl: "portkeyGatewayUrl",
  portkeyBaseUrl: "portkeyGatewayUrl",
  rateLimit: "requestsPerMinute",
  rpm: "requestsPerMinute",
};

const names = Object.keys(variables) as Name[];

/** The setting that code or other libraries call so, as the name of a variable: `baseUrl` of `BASE_URL`. */
export function optionOfOthers(name: string): Name | undefined {
  const word = camelCase(name.toLowerCase());
  if (Object.hasOwn(otherNames, word)) return otherNames[word];
  return names.find((option) => option === word);
}

/** The setting that an unknown option was probably meant to be; `undefined` if none is similar. */
export function settingMeantBy(name: string): Name | undefined {
  const word = camelCase(name);
  if (Object.hasOwn(otherNames, word)) return otherNames[word];
  const nearest = nearestName(name, names) as Name | undefined;
  return nearest ?? names.find((other) => variables[other].variable === name) ?? withAllWords(name);
}

/** The shortest setting that has all words of a name: `budgetUsdPerRun` of `usdBudget`. */
function withAllWords(name: string): Name | undefined {
  const words = wordsOf(name);
  if (words.size === 0) return undefined;
  return names
    .filter((other) => words.isSubsetOf(wordsOf(other)))
    .toSorted((a, b) => a.length - b.length)[0];
}

/** `api_key` and `apiKey` are the same name. */
function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function wordsOf(name: string): Set<string> {
  return new Set(name.match(/[A-Z]?[a-z]+/g)?.map((word) => word.toLowerCase()));
}
