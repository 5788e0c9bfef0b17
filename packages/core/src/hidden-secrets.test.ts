import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  CallFailedError,
  createJsonLogger,
  createRedactor,
  ModelError,
  Orchestra,
  researcher,
  resolveSettings,
} from "./index.ts";

const secrets = {
  openRouter: "openrouter.secret-1",
  portkey: "portkey.secret-2",
  virtual: "virtual.secret-3",
  fallback: "fallback.secret-4",
  fallbackVirtual: "fallback-virtual.secret-5",
  header: "header.secret-6",
  model: "model.secret-7",
  modelHeader: "model-header.secret-8",
};

const environment = {
  OPENROUTER_API_KEY: secrets.openRouter,
  PORTKEY_API_KEY: secrets.portkey,
  VIRTUAL_KEY: secrets.virtual,
  OPENROUTER_HEADERS: JSON.stringify({ "X-Anything": secrets.header }),
  PORTKEY_FALLBACKS: JSON.stringify([
    { provider: "openai", model: "gpt-4o", api_key: secrets.fallback },
    { provider: "openai", model: "gpt-4o-mini", virtual_key: secrets.fallbackVirtual },
  ]),
  LOG_LEVEL: "silent",
};

const orchestra = new Orchestra({ environment });
const { settings, model } = orchestra;
const ownModel = orchestra.modelFor("own", {
  apiKey: secrets.model,
  configuration: { defaultHeaders: { "X-Own": secrets.modelHeader } },
});

function callFailedError(): CallFailedError {
  const { header: _, modelHeader: __, ...keys } = secrets;
  const text = `refused: ${Object.values(keys).join(" ")}`;
  const cause = Object.assign(new Error(text), { headers: { authorization: secrets.openRouter } });
  const error = new ModelError(text, { kind: "unknown_error" }, { cause });
  return new CallFailedError("own", [], [error]);
}

function settingsError(): unknown {
  try {
    return resolveSettings(
      { openRouterApiKey: `${secrets.openRouter} and more`, headers: { Host: secrets.header } },
      {
        PORTKEY_FALLBACKS: `[{"api_key": ${secrets.fallback}}]`,
        LLM_MAX_RETRIES: secrets.portkey,
      },
    );
  } catch (error) {
    return error;
  }
}

const ways: Readonly<Record<string, (value: unknown) => string>> = {
  inspect: (value) => inspect(value, { depth: Infinity, showHidden: true }),
  "JSON.stringify": (value) => JSON.stringify(value) ?? "",
  String,
};

describe("no secret is shown by", () => {
  createRedactor(settings);
  test.each([
    ["an orchestra", orchestra],
    ["its settings", settings],
    ["the headers", settings.headers],
    ["a fallback", settings.fallbacks[0]],
    ["its account", orchestra.account],
    ["its catalog", orchestra.catalog],
    ["its logger", orchestra.logger],
    ["a logger", createJsonLogger({ level: "info", redact: createRedactor(settings) })],
    ["its completions", orchestra.completions],
    ["a model", model],
    ["a model with a key and headers of its own", ownModel],
    ["a model with fallbacks", model.withFallbacks([ownModel])],
    ["a model with another retry policy", ownModel.withRetry()],
    ["an agent", orchestra.agent(researcher())],
    ["a failed call", callFailedError()],
    ["settings that are wrong", settingsError()],
  ])("%s", (_, value) => {
    for (const [way, show] of Object.entries(ways)) {
      const shown = show(value);
      const found = Object.values(secrets).filter((secret) => shown.includes(secret));
      expect({ way, found }).toEqual({ way, found: [] });
    }
  });
});

test("settings show values without secrets, and which secrets are set", () => {
  const shown = JSON.parse(JSON.stringify(settings)) as Record<string, unknown>;
  expect(shown).toMatchObject({
    openRouterApiKey: "[secret]",
    headers: { "X-Anything": "[secret]" },
    fallbacks: [
      { provider: "openai", model: "gpt-4o", api_key: "[secret]" },
      { provider: "openai", model: "gpt-4o-mini", virtual_key: "[secret]" },
    ],
    defaultModel: "openai/gpt-4o",
  });
  expect(inspect(settings)).toContain("openRouterApiKey: '[secret]'");
  expect(inspect(resolveSettings({ baseUrl: "http://127.0.0.1" }, {}))).toContain(
    "openRouterApiKey: undefined",
  );
});

test("settings keep their secrets, and are settings for another orchestra, copied or not", () => {
  expect(settings.openRouterApiKey).toBe(secrets.openRouter);
  expect(settings.headers["X-Anything"]).toBe(secrets.header);
  expect(resolveSettings({ ...settings }, {})).toEqual(settings);
  expect(new Headers({ ...settings.headers }).get("x-anything")).toBe(secrets.header);
});

describe("copies of settings", () => {
  const copies: Readonly<Record<string, object>> = {
    spread: { ...settings, traceId: "mine" },
    assigned: Object.assign({}, settings),
    "in an object": { options: { ...settings } },
  };

  test.each(Object.entries(copies))("show no secret when they are printed: %s", (_, copy) => {
    const shown = inspect(copy, { depth: Infinity });
    expect(Object.values(secrets).filter((secret) => shown.includes(secret))).toEqual([]);
    expect(shown).toContain("[secret]");
  });

  test("are plain objects of the same fields, and can be sent to another thread", () => {
    const copy = { ...settings };
    expect(copy.openRouterApiKey).toBe(secrets.openRouter);
    expect(Object.keys(copy)).toEqual(Object.keys(settings));
    expect(structuredClone(settings)).toMatchObject({ openRouterApiKey: secrets.openRouter });
    expect(structuredClone(copy)).toMatchObject({ openRouterApiKey: secrets.openRouter });
  });
});
