import { describe, expect, test } from "vitest";
import type { ChatRequest } from "../completions/index.ts";
import { toModelError, type ModelError } from "../errors/index.ts";
import { RouteMemory } from "./route-memory.ts";

const request: ChatRequest = {
  provider: { data_collection: "deny" },
  user: "u",
  model: "openai/o3",
  messages: [{ role: "user", content: "Hi" }],
  n: 1,
  stop: "END",
  temperature: 0.2,
  top_p: 0.9,
  max_tokens: 100,
  tool_choice: "required",
  parallel_tool_calls: false,
  stream: true,
  session_id: "run-1",
  stream_options: { include_usage: true },
};

/** A refusal as it is read off the wire. */
function refusal(status: number, body: object): ModelError {
  const { error = body } = body as { readonly error?: unknown };
  return toModelError({ status, headers: {}, error, message: JSON.stringify(body) });
}

const openAi = (message: string, param: string | null = null) => ({
  error: { message, type: "invalid_request_error", param, code: "unsupported_parameter" },
});

const behindOpenRouter = (raw: object) => ({
  error: {
    message: "Provider returned error",
    code: 400,
    metadata: { raw: JSON.stringify(raw), provider_name: "OpenAI" },
  },
});

const vllm = (message: string) => ({
  object: "error",
  message,
  type: "BadRequestError",
  param: null,
  code: 400,
});

const refusals: readonly [string, string, number, object][] = [
  [
    "OpenAI, of a parameter",
    "temperature",
    400,
    openAi("Unsupported parameter: 'temperature' is not supported with this model."),
  ],
  [
    "OpenAI, of a value",
    "temperature",
    400,
    openAi(
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
    ),
  ],
  [
    "OpenAI behind OpenRouter",
    "top_p",
    400,
    behindOpenRouter(openAi("Unsupported parameter: 'top_p' is not supported with this model.")),
  ],
  ["OpenAI, of an unknown field", "user", 400, openAi("Unknown parameter: 'user'.")],
  [
    "Mistral, of OpenRouter's session",
    "session_id",
    422,
    {
      detail: [
        {
          type: "extra_forbidden",
          loc: ["body", "session_id"],
          msg: "Extra inputs are not permitted",
          input: "run-1",
        },
      ],
    },
  ],
  [
    "Mistral",
    "parallel_tool_calls",
    422,
    {
      object: "error",
      message: {
        detail: [
          {
            type: "extra_forbidden",
            loc: ["body", "parallel_tool_calls"],
            msg: "Extra inputs are not permitted",
            input: false,
          },
        ],
      },
      type: "invalid_request_error",
      param: null,
      code: null,
    },
  ],
  [
    "OpenRouter",
    "tool_choice",
    404,
    {
      error: {
        message:
          "No endpoints found that support the provided 'tool_choice' value. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing",
        code: 404,
      },
    },
  ],
  [
    "vLLM, of an option",
    "stream_options",
    400,
    vllm(
      "Value error, Stream options can only be defined when `stream=True`: invalid stream_options",
    ),
  ],
  [
    "vLLM, of a field",
    "top_p",
    400,
    vllm(
      "[{'type': 'extra_forbidden', 'loc': ('body', 'top_p'), 'msg': 'Extra inputs are not permitted'}]",
    ),
  ],
  [
    "vLLM, of tools",
    "tool_choice",
    400,
    vllm('"required" tool_choice is not supported: it requires --tool-call-parser to be set'),
  ],
  ["a server that uses backticks", "stop", 400, vllm("`stop` is not supported by this model")],
  ["Groq", "n", 400, openAi("property 'n' is unsupported, did you mean 'top_n'?", "n")],
];

describe("a refusal that names a field", () => {
  test.each(refusals)("as of %s, is learned: %s", (_, field, status, body) => {
    const memory = new RouteMemory();
    expect(memory.learn(refusal(status, body), request)).toBe(field);
    const { [field]: _gone, ...rest } = request;
    expect(memory.fit(request)).toEqual(rest);
  });

  test("is stored once: the same refusal of a request without the field changes nothing", () => {
    const memory = new RouteMemory();
    const error = refusal(400, openAi("Unsupported parameter: 'temperature'"));
    expect(memory.learn(error, request)).toBe("temperature");
    expect(memory.learn(error, request)).toBeUndefined();
    expect(memory.learn(error, memory.fit(request))).toBeUndefined();
  });

  test("is added to what was stored before", () => {
    const memory = new RouteMemory();
    memory.learn(refusal(400, openAi("Unsupported parameter: 'temperature'")), request);
    memory.learn(refusal(400, openAi("Unsupported parameter: 'top_p'")), request);
    expect(memory.fit(request)).not.toHaveProperty("temperature");
    expect(memory.fit(request)).not.toHaveProperty("top_p");
  });

  test.each([
    ["a field that a request cannot do without", 400, openAi("Unsupported parameter: 'messages'")],
    ["max_tokens, which limits the cost", 400, openAi("Unsupported parameter: 'max_tokens'")],
    ["a field that the request does not have", 400, openAi("Unsupported parameter: 'seed'")],
    ["no field", 400, openAi("The request is invalid")],
    ["a word of a longer name", 400, openAi("Unsupported parameter: 'top_p_decay'")],
    [
      "a provider, in words, that has failed",
      400,
      { error: { message: "Provider returned error", code: 400, metadata: { raw: "invalid" } } },
    ],
    [
      "a key of the body's JSON",
      400,
      { error: { detail: "invalid" }, provider: "openai", user: "u" },
    ],
    ["words that are also fields", 400, openAi("The user cannot stop: invalid n")],
    ["a field, with another status", 401, openAi("Unsupported parameter: 'temperature'")],
    ["a field, of a broken server", 500, openAi("Invalid state of 'temperature'")],
    [
      "a context that is too long",
      400,
      {
        error: {
          message: "This model's maximum context length is 8192 tokens",
          code: "context_length_exceeded",
        },
      },
    ],
  ])("teaches nothing by %s", (_, status, body) => {
    const memory = new RouteMemory();
    expect(memory.learn(refusal(status, body), request)).toBeUndefined();
    expect(memory.fit(request)).toEqual(request);
    expect(memory.isEmpty).toBe(true);
  });
});

describe("what servers say of a request that they do not take", () => {
  const wordings: readonly [string, number, string, string][] = [
    ["llama.cpp", 500, "Unsupported param: logit_bias", "logit_bias"],
    ["TGI", 422, "Failed to deserialize: unknown field `seed`, expected one of `model`", "seed"],
    ["a Python server", 500, "create() got an unexpected keyword argument 'top_k'", "top_k"],
    ["FastAPI", 422, '[{"type":"extra_forbidden","loc":["body","user"]}]', "user"],
    ["LiteLLM", 400, "UnsupportedParamsError: x does not support parameters: ['seed']", "seed"],
    ["Go", 400, 'json: unknown field "stop"', "stop"],
    ["Anthropic", 400, "`temperature` and `top_p` cannot both be specified", "temperature"],
    [
      "OpenAI, of streams",
      400,
      "Your organization must be verified to stream this model.",
      "stream",
    ],
    ["vLLM, of streams", 400, "stream_options is not supported", "stream_options"],
    [
      "OpenAI, of the limit",
      400,
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "max_tokens",
    ],
    ["Groq, of names", 400, "'messages.1' : property 'name' is unsupported", "name of messages"],
    [
      "Mistral, of reasoning",
      422,
      '{"loc":["body","messages",1,"assistant","reasoning"],"msg":"Extra inputs are not permitted"}',
      "reasoning of messages",
    ],
    [
      "OpenAI, of a strict tool",
      400,
      "Invalid schema for function 'f': 'required' is required to be supplied",
      "strict",
    ],
  ];
  const tool = { name: "f", parameters: { type: "object" }, strict: true };
  const full: ChatRequest = {
    ...request,
    messages: [{ role: "assistant", content: "x", name: "a", reasoning: "Hm." } as never],
    tools: [{ type: "function", function: tool }],
    seed: 1,
    top_k: 5,
    logit_bias: {},
  };

  test.each(wordings)("%s", (_, status, message, learned) => {
    const memory = new RouteMemory();
    const error = toModelError({ status, headers: {}, error: { message, code: status }, message });
    expect(memory.learn(error, full)).toBe(learned);
    expect(memory.learned).toEqual([learned]);
    expect(memory.fit(full)).not.toEqual(full);
  });

  test("is forgotten after an hour, and sent again", () => {
    let now = 0;
    const memory = new RouteMemory(() => now);
    memory.learn(refusal(400, openAi("Unsupported parameter: 'temperature'")), request);
    now = 3_600_000;
    expect(memory.fit(request)).not.toHaveProperty("temperature");
    now += 1;
    expect(memory.fit(request)).toEqual(request);
    expect(memory.isEmpty).toBe(true);
  });

  test("of all methods of structured output, leaves the schema in the prompt", () => {
    const memory = new RouteMemory();
    const error = refusal(400, openAi("response_format is not supported"));
    memory.learn(error, { ...request, response_format: { type: "json_schema" } });
    memory.learn(error, { ...request, response_format: { type: "json_object" } });
    const asked = { ...request, response_format: { type: "json_object" } };
    expect(memory.fit(asked)).toEqual(request);
  });
});

describe("a refusal of a response format", () => {
  const asked = (type: string): ChatRequest => ({ ...request, response_format: { type } });

  test.each([
    ["DeepSeek", 400, openAi("This response_format type is unavailable now")],
    [
      "OpenAI",
      400,
      openAi(
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
      ),
    ],
    [
      "OpenRouter",
      404,
      {
        error: {
          message: "No endpoints found that support response_format json_schema",
          code: 404,
        },
      },
    ],
  ])("as of %s, moves to the next method", (_, status, body) => {
    const memory = new RouteMemory();
    expect(memory.methodFor("jsonSchema")).toBe("jsonSchema");
    expect(memory.learn(refusal(status, body), asked("json_schema"))).toBe("response_format");
    expect(memory.methodFor("jsonSchema")).toBe("functionCalling");
    expect(memory.methodFor("jsonMode")).toBe("jsonMode");
    // The field stays: the other method may need it.
    expect(memory.fit(asked("json_object"))).toEqual(asked("json_object"));
  });

  test("of the last method leaves it, for there is no other", () => {
    const memory = new RouteMemory();
    const error = refusal(400, openAi("This response_format type is unavailable now"));
    expect(memory.learn(error, asked("json_object"))).toBe("response_format");
    expect(memory.methodFor("jsonMode")).toBe("jsonMode");
    expect(memory.learn(error, asked("json_object"))).toBeUndefined();
  });
});
