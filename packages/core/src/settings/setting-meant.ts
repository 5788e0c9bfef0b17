import { nearestName } from "../errors/explain-issue.ts";
import { variables } from "./variables.ts";

/** Names that other libraries give to what settings say. */
const otherNames: Readonly<Record<string, keyof typeof variables>> = {
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
  budgetUsd: "budgetUsdPerRun",
  level: "logLevel",
};

/** The setting that an unknown option most likely means; `undefined` where there is none like it. */
export function settingMeantBy(name: string): keyof typeof variables | undefined {
  if (Object.hasOwn(otherNames, name)) return otherNames[name];
  return nearestName(name, Object.keys(variables)) as keyof typeof variables | undefined;
}
