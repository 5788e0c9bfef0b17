import { describe, expect, test } from "vitest";
import { parseRequestFields } from "./openrouter-request.ts";

describe("parseRequestFields", () => {
  test.each([
    {},
    { provider: { sort: { by: "price", partition: "none" }, order: ["a"], allow_fallbacks: null } },
    {
      provider: { max_price: { prompt: "0.5", completion: 2 }, quantizations: ["fp8"], zdr: true },
    },
    { provider: { preferred_min_throughput: 50, preferred_max_latency: { p90: 3 } } },
    { provider: { only: ["groq"], ignore: [], data_collection: "deny", field_of_tomorrow: [1] } },
    { models: ["a/b", "c/d"], plugins: [{ id: "web", max_results: 3 }], service_tier: "flex" },
    { reasoning: { effort: "low", exclude: true }, session_id: "s", user: "u", trace: { a: 1 } },
    { cache_control: { type: "ephemeral", ttl: "1h" }, metadata: { ticket: "7" } },
    { temperature: 2, top_p: 1, max_tokens: 1, stop: ["x"], seed: -1, n: 2, logprobs: true },
    { frequency_penalty: -2, presence_penalty: 2, top_logprobs: 20, logit_bias: { "50": -100 } },
    { verbosity: "low", prompt_cache_key: "k", transforms: ["middle-out"], field_of_tomorrow: {} },
  ])("accepts %j unchanged", (fields) => {
    expect(parseRequestFields(fields, "test")).toEqual(fields);
  });

  test.each([
    [[], "must be a JSON object of request fields"],
    [{ provider: "groq" }, '"provider" must be a JSON object'],
    [{ provider: { order: [""] } }, '"provider", "order", entry 1 is empty'],
    [{ provider: { max_price: { prompt: "cheap" } } }, "must be a number of US dollars"],
    [{ provider: { preferred_max_latency: "1" } }, '"preferred_max_latency" must be a number'],
    [{ models: "a/b" }, '"models" must be an array of strings'],
    [{ plugins: ["web"] }, '"plugins", entry 1 must be an object with an id'],
    [{ plugins: [{}] }, '"id" must be a string'],
    [{ reasoning: "low" }, '"reasoning" must be an object'],
    [{ session_id: "s".repeat(257) }, "is longer than 256 characters"],
    [{ user: "u".repeat(129) }, "is longer than 128 characters"],
    [{ cache_control: { type: "forever" } }, "must be ephemeral"],
    [{ metadata: { a: 1 } }, '"metadata", "a" must be a string'],
    [
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [index, ""])) },
      "has more than 16 pairs",
    ],
    [{ temperature: "0" }, '"temperature" must be a number'],
    [{ temperature: 2.1 }, "must be 2 or less"],
    [{ max_tokens: 0 }, "must be 1 or more"],
    [{ seed: 1.5 }, "must be a whole number"],
    [{ top_logprobs: 21 }, "must be 20 or less"],
    [{ stop: 1 }, '"stop" must be a string or an array of strings'],
    [{ logit_bias: [1] }, '"logit_bias" must be an object'],
  ])("refuses %j: %s", (fields, problem) => {
    const parse = () => parseRequestFields(fields, 'role "writer"');
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(`(role "writer"): `);
    expect(parse).toThrow(problem);
  });

  test.each([
    ["model", "AGENT_MODEL_MAP"],
    ["messages", "pass the messages to the call"],
    ["stream", "stream() or invoke()"],
    ["stream_options", "the usage"],
    ["tools", "give the tools to the role"],
    ["tool_choice", "give the tools to the role"],
    ["response_format", "an output schema"],
  ])("refuses %s, which Orchestra sets itself", (field, advice) => {
    const parse = () => parseRequestFields({ [field]: "x" }, "test");
    expect(parse).toThrow(`"${field}" cannot be set as a request field`);
    expect(parse).toThrow(advice);
  });

  test("reports all problems at once", () => {
    expect(() => parseRequestFields({ top_p: 2, model: "a" }, "test")).toThrow(/top_p.*; .*model/);
  });
});
