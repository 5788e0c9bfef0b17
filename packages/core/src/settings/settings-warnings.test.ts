import { describe, expect, test } from "vitest";
import { Orchestra } from "../orchestra.ts";
import { foreignVariables } from "./__fixtures__/foreign-variables.ts";
import { resolveSettings, settingsWarnings } from "./index.ts";
import { knownVariables } from "./variable-meant.ts";

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
    ["LLM_TIMEOUT", "LLM_REQUEST_TIMEOUT"],
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
    ["LLM_MODEL", "OPENROUTER_DEFAULT_MODEL"],
    ["LLM_API_KEY", "OPENROUTER_API_KEY"],
    ["OPENROUTER_API_BASE", "OPENROUTER_BASE_URL"],
    ["PORTKEY_BASE_URL", "PORTKEY_GATEWAY_URL"],
    ["PORTKEY_VIRTUAL_KEY", "VIRTUAL_KEY"],
    ["ORCHESTRA_LOG_LEVEL", "LOG_LEVEL"],
    ["ORCHESTRA_PORT", "ORCHESTRA_SERVER_PORT"],
    ["DEFAULT_MODEL", "OPENROUTER_DEFAULT_MODEL"],
    ["DEFAULT_MODELS", "OPENROUTER_DEFAULT_MODEL"],
    ["MODEL_MAP", "AGENT_MODEL_MAP"],
    ["PREFERRED_PROVIDER", "PREFERRED_LLM_PROVIDER"],
    ["DEFAULT_OPENROUTER_MODEL", "OPENROUTER_DEFAULT_MODEL"],
    ["AGENT_MAP_MODEL", "AGENT_MODEL_MAP"],
    ["NEXT_PUBLIC_OPENROUTER_API_KEY", "OPENROUTER_API_KEY"],
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

  test("a variable that is similar to none is reported as unknown", () => {
    expect(settingsWarnings({ LLM_TEMPERATURE: "0" })).toEqual([
      "LLM_TEMPERATURE is not a known variable and has no effect.",
    ]);
  });

  test("a key of OpenRouter is found under any name", () => {
    const environment = { OPENAI_API_KEY: "sk-or-v1-0123456789" };
    expect(settingsWarnings(environment)).toEqual([
      "OPENAI_API_KEY is not a known variable and has no effect. Did you mean OPENROUTER_API_KEY?",
    ]);
    expect(settingsWarnings({ OPENAI_API_KEY: "sk-proj-0123456789" })).toEqual([]);
    expect(() => resolveSettings({}, environment)).toThrow(
      "Rename OPENAI_API_KEY, which is set and has no effect.",
    );
  });

  test("known variables, those of other programs, and similar ones next to the right one cause no warning", () => {
    const names = (list: readonly string[]) => Object.fromEntries(list.map((name) => [name, "x"]));
    expect(settingsWarnings(names(knownVariables))).toEqual([]);
    expect(settingsWarnings(names(foreignVariables))).toEqual([]);
    const near = ["DEFAULT_MODEL", "MY_OPENROUTER_API_KEY"];
    expect(settingsWarnings(names([...knownVariables, ...near]))).toEqual([]);
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
