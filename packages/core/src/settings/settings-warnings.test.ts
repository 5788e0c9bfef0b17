import { describe, expect, test } from "vitest";
import { Orchestra } from "../orchestra.ts";
import { foreignVariables } from "./__fixtures__/foreign-variables.ts";
import { runtimeVariableNames, serverVariableNames, settingsWarnings, variables } from "./index.ts";

const knownVariables: readonly string[] = [
  ...Object.values(variables).map(({ variable }) => variable),
  ...runtimeVariableNames,
  ...serverVariableNames,
];

function typosOf(name: string): string[] {
  return Array.from(name, (letter, at) => {
    const [before, next = "", rest] = [name.slice(0, at), name[at + 1], name.slice(at + 2)];
    return [before + next + rest, before + next + letter + rest].filter((typo) => typo !== name);
  }).flat();
}

describe("settingsWarnings", () => {
  test.each([
    ["LLM_MAX_RETRY", "LLM_MAX_RETRIES"],
    ["LLM_REQUEST_PER_MINUTE", "LLM_REQUESTS_PER_MINUTE"],
    ["OPENROUTER_MODEL", "OPENROUTER_DEFAULT_MODEL"],
    ["OPENROUTER_KEY", "OPENROUTER_API_KEY"],
    ["PORTKEY_KEY", "PORTKEY_API_KEY"],
    ["LLM_TIMEOUT", "LLM_CALL_TIMEOUT"],
    ["OPENROUTER_DEFAULT_MODELS", "OPENROUTER_DEFAULT_MODEL"],
    ["PORTKEY_FALLBACK", "PORTKEY_FALLBACKS"],
    ["ORCHESTRA_HOMES", "ORCHESTRA_HOME"],
    ["AGENT_MODELS_MAP", "AGENT_MODEL_MAP"],
    ["AGENT_REQUESTS", "AGENT_REQUEST_MAP"],
    ["LOG_LVL", "LOG_LEVEL"],
    ["PREFERED_LLM_PROVIDER", "PREFERRED_LLM_PROVIDER"],
    ["PREFFERED_LLM_PROVIDER", "PREFERRED_LLM_PROVIDER"],
    ["OPENROUTR_API_KEY", "OPENROUTER_API_KEY"],
    ["OPEN_ROUTER_API_KEY", "OPENROUTER_API_KEY"],
    ["OPENROUTERAPI_KEY", "OPENROUTER_API_KEY"],
    ["openrouter_api_key", "OPENROUTER_API_KEY"],
    ["OPNROUTER_DEFAULT_MODEL", "OPENROUTER_DEFAULT_MODEL"],
    ["PORKEY_FALLBACKS", "PORTKEY_FALLBACKS"],
    ["PORTKY_MODE", "PORTKEY_MODE"],
    ["AGENTS_MODEL_MAP", "AGENT_MODEL_MAP"],
    ["LMM_MAX_RETRIES", "LLM_MAX_RETRIES"],
    ["ORCHESTR_HOME", "ORCHESTRA_HOME"],
    ["VIRTUL_KEY", "VIRTUAL_KEY"],
    ["VITRUAL_KEY", "VIRTUAL_KEY"],
    ["DATABSE_URL", "DATABASE_URL"],
  ])("%s is not known, %s is", (name, nearest) => {
    expect(settingsWarnings({ [name]: "s3cr3t" })).toEqual([
      `${name} is not a known variable and has no effect. Did you mean ${nearest}?`,
    ]);
  });

  test("every known variable without one of its letters, or with two exchanged, is", () => {
    const missed = knownVariables.flatMap((known) =>
      typosOf(known).filter((name) => {
        const isShort = name.length < 14 && !/^(LLM|OPENROUTER|PORTKEY|ORCHESTRA)_/.test(name);
        const warnings = settingsWarnings({ [name]: "x" });
        return !isShort && !knownVariables.includes(name) && !warnings[0]?.includes("Did you mean");
      }),
    );
    expect(missed).toEqual([]);
  });

  test("the known variables, those of the runtime and those of other programs give none", () => {
    const environment = Object.fromEntries(
      [...knownVariables, ...foreignVariables].map((name) => [name, "x"]),
    );
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
