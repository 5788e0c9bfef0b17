import { describe, expect, test } from "vitest";
import { ArgumentError } from "../errors/argument-error.ts";
import { inspectSettings, resolveSettings, variables, type SettingsOptions } from "./index.ts";
import { key, refused, resolved } from "./__fixtures__/refused.ts";

describe("an option in code", () => {
  test("has precedence over the environment, an empty or a false one too", () => {
    const environment = {
      LLM_MAX_RETRIES: "9",
      OPENROUTER_HEADERS: '{"X-A":"1"}',
      LOG_PROMPTS: "1",
    };
    const settings = resolved(environment, { maxRetries: 0, headers: {}, logPrompts: false });
    expect([settings.maxRetries, settings.headers, settings.logPrompts]).toEqual([0, {}, false]);
  });

  test("that is undefined leaves the environment in force", () => {
    expect(resolved({ LLM_MAX_RETRIES: "9" }, { maxRetries: undefined }).maxRetries).toBe(9);
  });

  test("makes a wrong variable that it replaces harmless", () => {
    expect(resolved({ LLM_MAX_RETRIES: "many" }, { maxRetries: 2 }).maxRetries).toBe(2);
  });

  test.each([
    [{ requestTimeoutMs: Number.NaN }, "LLM_REQUEST_TIMEOUT", "must be a number"],
    [{ requestTimeoutMs: Infinity }, "LLM_REQUEST_TIMEOUT", "must be a number"],
    [{ requestTimeoutMs: "30" as never }, "LLM_REQUEST_TIMEOUT", "must be a number"],
    [{ maxRetries: -1 }, "LLM_MAX_RETRIES", "must not be negative"],
    [{ maxRetries: Number.NaN }, "LLM_MAX_RETRIES", "must be a number"],
    [{ openRouterApiKey: "" }, "OPENROUTER_API_KEY", "is empty"],
    [{ openRouterApiKey: 5 as never }, "OPENROUTER_API_KEY", "must be a string"],
    [{ headers: [] as never }, "OPENROUTER_HEADERS", "must be an object"],
    [{ logPrompts: "yes" as never }, "LOG_PROMPTS", "must be true or false"],
    [{ fallbacks: {} as never }, "PORTKEY_FALLBACKS", "must be an array"],
  ] as const)("is checked as the variable is: %o", (options, variable, problem) => {
    const { problems } = refused({}, options);
    expect(problems).toMatchObject([{ variable, problem: expect.stringContaining(problem) }]);
  });

  test("is not changed, and neither is the environment", () => {
    const options = Object.freeze({ baseUrl: "http://127.0.0.1/v1/", headers: Object.freeze({}) });
    resolveSettings(options, Object.freeze({ ...key }));
    expect(options.baseUrl).toBe("http://127.0.0.1/v1/");
  });
});

describe("a wrong setting in code", () => {
  test.each<[object, string]>([
    [
      { maxRetries: "3" },
      "settings.maxRetries must be a number (variable LLM_MAX_RETRIES): expected a whole number from 0 to 100. Example: maxRetries: 3",
    ],
    [
      { hedgeAfterMs: 0 },
      'settings.hedgeAfterMs must be greater than 0, or "p95" (variable LLM_HEDGE_AFTER): expected a number of milliseconds greater than 0, or "p95". Example: hedgeAfterMs: "p95"',
    ],
    [
      { requestTimeoutMs: -1 },
      "settings.requestTimeoutMs must be greater than 0 (variable LLM_REQUEST_TIMEOUT): expected a number of milliseconds greater than 0. Example: requestTimeoutMs: 30000",
    ],
    [
      { requestsPerMinute: 0 },
      "settings.requestsPerMinute must be a whole number greater than 0, or Infinity (variable LLM_REQUESTS_PER_MINUTE): expected a whole number of requests greater than 0, or Infinity. Example: requestsPerMinute: 60",
    ],
    [
      { agentModels: [] },
      'settings.agentModels must be an object of roles and model ids (variable AGENT_MODEL_MAP): expected an object of roles and model ids. Example: agentModels: {"researcher":"openai/gpt-4o"}',
    ],
    [
      { retryDelayMs: 5000, retryMaxDelayMs: 4000 },
      "settings.retryMaxDelayMs is 4000, less than retryDelayMs (5000) (variable LLM_RETRY_MAX_DELAY): expected a number of milliseconds, retryDelayMs or more. Example: retryMaxDelayMs: 60000",
    ],
  ])("is told by its option, with its unit and an example as in code: %j", (options, message) => {
    expect(refused({}, options as SettingsOptions).message).toBe(message);
  });

  test.each(Object.keys(variables) as (keyof typeof variables)[])(
    "is in the words of code: %s",
    (option) => {
      const { problems } = inspectSettings({ [option]: Symbol("wrong") as never }, key);
      const [problem] = problems.filter((found) => found.option === option);
      expect(problem).toMatchObject({ source: "code" });
      const { problem: wrong, expected, example } = problem as NonNullable<typeof problem>;
      for (const text of [wrong, expected]) {
        expect(text).not.toMatch(/JSON|\bseconds|\bnone\b|comma|\bLLM_/);
      }
      expect(
        variables[option].schema.safeParse(JSON.parse(example.replace("…", "12345678"))),
      ).toMatchObject({
        success: true,
      });
    },
  );

  test("is reported together with a misspelt one", () => {
    const wrong = { maxRetry: 3, maxRetries: "3", logLevel: "loud" } as unknown as SettingsOptions;
    const check = () => resolveSettings(wrong, { ...key, LLM_COALESCE: "maybe" });
    expect(check).toThrow("maxRetry (did you mean maxRetries?)");
    expect(check).toThrow("settings.maxRetries must be a number");
    expect(check).toThrow("settings.logLevel is not a log level");
    expect(check).toThrow("LLM_COALESCE must be true or false");
  });
});

describe("a setting in code that does not exist", () => {
  const refuse = (name: string) => () => resolveSettings({ [name]: 1 }, key);

  test.each([
    ["budget", "budgetUsdPerRun"],
    ["maxCostUsd", "budgetUsdPerRun"],
    ["usdBudget", "budgetUsdPerRun"],
    ["tokenBudget", undefined],
    ["model", "defaultModel"],
    ["timeout", "requestTimeoutMs"],
    ["apiKey", "openRouterApiKey"],
    ["concurrency", "maxConcurrency"],
    ["LLM_MAX_RETRIES", "maxRetries"],
    ["maxRetry", "maxRetries"],
    ["temperature", undefined],
    ["1", undefined],
    ["__proto", undefined],
    ["toString", undefined],
  ])("is an error, with the one that it means: %s", (name, nearest) => {
    const hint = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
    const shown = name === "1" ? '"1"' : name;
    expect(refuse(name)).toThrow(
      new ArgumentError(`Settings in code: settings has unknown fields: ${shown}${hint}`),
    );
  });

  test.each([
    ["sk-or-v1-0123456789abcdef", "sk-or-v1"],
    ["0123456789abcdef0123456789abcdef", "01234567"],
    ["x9".repeat(50_000), "x9x9x9x9"],
    ["a\u001b[2Jb", String.raw`a\u001b[2Jb`],
  ])("is not printed where it can be a key: %#", (name, beginning) => {
    expect(refuse(name)).toThrow(`fields: "${beginning}`);
  });
});
