import { describe, expect, test, vi } from "vitest";
import { defineRole } from "../../agents/index.ts";
import { Orchestra } from "../../orchestra.ts";
import { startTestOrchestra } from "../../test-support/test-orchestra.ts";
import { documentedNames, fieldWarnings } from "./field-warnings.ts";
import { documentedFields } from "./openrouter-request.ts";

describe("fieldWarnings", () => {
  test("knows every field that is checked", () => {
    expect(Object.keys(documentedNames)).toEqual(
      expect.arrayContaining(Object.keys(documentedFields())),
    );
    const valid = Object.fromEntries(Object.keys(documentedNames).map((name) => [name, undefined]));
    expect(fieldWarnings(valid, "request")).toEqual([]);
  });

  test.each<[object, string]>([
    [
      { provider: { data_colection: "deny" } },
      "request.provider.data_colection is not a documented field (did you mean data_collection?)",
    ],
    [{ provider: { onyl: ["a"] } }, "did you mean only?"],
    [{ provider: { max_price: { promt: 1 } } }, "request.provider.max_price.promt"],
    [{ provider: { sort: { bye: "price" } } }, "did you mean by?"],
    [{ reasonning: {} }, "did you mean reasoning?"],
    [{ temprature: 1 }, "did you mean temperature?"],
    [{ max_tokns: 1 }, "did you mean max_tokens?"],
    [{ reasoning: { efort: "low" } }, "did you mean effort?"],
    [
      { provider: { sort: "fastest" } },
      'request.provider.sort is "fastest", which OpenRouter does not document: price, throughput, latency, exacto',
    ],
    [{ provider: { sort: { by: "fast", partition: "model" } } }, "request.provider.sort.by"],
    [{ provider: { quantizations: ["fp8", "fp9"] } }, "request.provider.quantizations[1]"],
    [{ reasoning: { effort: "lots" } }, "max, xhigh, high, medium, low, minimal, none"],
    [{ reasoning_effort: "lots" }, 'request.reasoning_effort is "lots"'],
    [{ verbosity: "loud" }, "request.verbosity"],
    [{ service_tier: "gold" }, "request.service_tier"],
  ])("warns of a likely mistake: %j", (fields, warning) => {
    expect(fieldWarnings(fields, "request")).toEqual([expect.stringContaining(warning)]);
  });

  test.each([
    { chat_template_kwargs: { x: 1 }, top_a: 0.1, min_tokens: 3, num_ctx: 4 },
    { provider: { experimental: { a: 1 }, sort: { by: "price", partition: "none" } } },
    { provider: { order: ["anthropic"], max_price: { prompt: 1 }, quantizations: ["fp8"] } },
    { reasoning: { effort: "high", summary: "auto" }, verbosity: "low", stop: ["sort"] },
    { provider: null, reasoning: null, sort: "fastest" },
  ])("has no warning for documented fields, and for those of other servers: %j", (fields) => {
    expect(fieldWarnings(fields, "request")).toEqual([]);
  });
});

test("the log warns of the settings' fields", () => {
  const lines: string[] = [];
  const none = () => {};
  const { settings } = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_PROVIDER: '{"data_colection":"deny"}',
      AGENT_REQUEST_MAP: '{"writer":{"reasoning":{"effort":"lots"}}}',
    },
    logger: { error: none, warn: (line) => lines.push(line), info: none, debug: none },
  });
  // What is not known is sent all the same.
  expect(settings.provider).toEqual({ data_colection: "deny" });
  expect(lines).toEqual([
    "OPENROUTER_PROVIDER.data_colection is not a documented field (did you mean data_collection?)",
    expect.stringMatching(/^AGENT_REQUEST_MAP\.writer\.reasoning\.effort is "lots", which/),
  ]);
});

test("the process warns of the fields of roles and calls, once", async () => {
  await using t = await startTestOrchestra();
  const emit = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  try {
    const { orchestra } = t;
    for (let round = 0; round < 2; round += 1) {
      defineRole({ name: "one", system: "s", request: { provider: { sort: "quickest" } } });
      orchestra.modelFor("two", { request: { reasoning: { efort: "low" } } });
      await orchestra.chat("Hi", { provider: { zdrr: true } });
      const messages = [{ role: "user" as const, content: "Hi" }];
      await orchestra.completions.create({ messages, temprature: 1 } as never);
    }
    const warnings = emit.mock.calls.map(([message]) => message);
    expect(warnings).toEqual([
      expect.stringContaining('role "one": request.provider.sort is "quickest"'),
      expect.stringContaining('modelFor("two"): request.reasoning.efort'),
      expect.stringContaining("The call: request.provider.zdrr"),
      expect.stringContaining("completions.create(): request.temprature"),
    ]);
  } finally {
    emit.mockRestore();
  }
});
