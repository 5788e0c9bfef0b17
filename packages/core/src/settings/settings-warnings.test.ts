import { describe, expect, test } from "vitest";
import { Orchestra } from "../orchestra.ts";
import { runtimeVariableNames, settingsWarnings, variables } from "./index.ts";

describe("settingsWarnings", () => {
  test.each([
    ["LLM_MAX_RETRY", "LLM_MAX_RETRIES"],
    ["LLM_REQUEST_PER_MINUTE", "LLM_REQUESTS_PER_MINUTE"],
    ["OPENROUTER_MODEL", "OPENROUTER_DEFAULT_MODEL"],
    ["LLM_TIMEOUT", "LLM_CALL_TIMEOUT"],
    ["OPENROUTER_DEFAULT_MODELS", "OPENROUTER_DEFAULT_MODEL"],
    ["PORTKEY_FALLBACK", "PORTKEY_FALLBACKS"],
    ["ORCHESTRA_HOMES", "ORCHESTRA_HOME"],
    ["AGENT_MODELS_MAP", "AGENT_MODEL_MAP"],
    ["AGENT_REQUESTS", "AGENT_REQUEST_MAP"],
    ["LOG_LVL", "LOG_LEVEL"],
  ])("%s is not known, %s is", (name, nearest) => {
    expect(settingsWarnings({ [name]: "s3cr3t" })).toEqual([
      `${name} is not a known variable and has no effect. Did you mean ${nearest}?`,
    ]);
  });

  test("the known variables, those of the runtime and those of other programs give none", () => {
    const known = [
      ...Object.values(variables).map(({ variable }) => variable),
      ...runtimeVariableNames,
    ];
    const foreign = ["PATH", "AGENT_NAME", "AGENT_WORKFOLDER", "LOG_FILE", "LANGSMITH_API_KEY"];
    const environment = Object.fromEntries([...known, ...foreign].map((name) => [name, "x"]));
    expect(settingsWarnings(environment)).toEqual([]);
  });

  test("a variable that is empty gives none", () => {
    expect(settingsWarnings({ LLM_MAX_RETRY: " ", LLM_RETRIES: undefined })).toEqual([]);
  });

  test("an orchestra logs them when it is made", () => {
    const warnings: string[] = [];
    const logger = {
      error() {},
      warn: (message: string) => void warnings.push(message),
      info() {},
      debug() {},
    };
    const environment = { OPENROUTER_API_KEY: "sk-or-v1-0123456789", LLM_MAX_RETRY: "1" };
    void new Orchestra({ environment, logger });
    expect(warnings).toEqual(settingsWarnings(environment));
    expect(warnings).toHaveLength(1);
  });
});
