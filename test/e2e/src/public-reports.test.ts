import { AIMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { Orchestra, type CallRecord, type OrchestraEvent } from "@orchestra/core";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answer, refusal, startScriptedServer, toolCall, type Answer } from "./scripted-server.ts";

/* What users of other frameworks reported of real servers; each test names its report. */

const weather = tool(({ city }: { city: string }) => `It rains in ${city}.`, {
  name: "weather",
  description: "The weather in a city",
  schema: z.object({ city: z.string(), days: z.number().int().positive().optional() }),
});

// oxlint-disable-next-line typescript/no-explicit-any -- requests are looked at as JSON
type Body = Record<string, any>;

async function start(respond: (body: Body, turn: number) => Answer) {
  const server = await startScriptedServer(respond);
  const records: CallRecord[] = [];
  const events: OrchestraEvent[] = [];
  const orchestra = new Orchestra({
    onCall: (record) => records.push(record),
    onEvent: (event) => events.push(event),
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-reports-0123456789",
      OPENROUTER_BASE_URL: server.url,
      OPENROUTER_DEFAULT_MODEL: "server/model",
      LLM_RETRY_DELAY: "0.002",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      LOG_LEVEL: "silent",
    },
  });
  const agent = createAgent({ model: orchestra.modelFor("executor"), tools: [weather] });
  return {
    ...server,
    orchestra,
    model: orchestra.modelFor("executor"),
    records,
    events,
    /** Runs a tool loop; the last message's text. */
    async run() {
      const { messages } = await agent.invoke({ messages: [new HumanMessage("Weather in Vell?")] });
      return messages.at(-1)?.text;
    },
  };
}

const hasToolResult = (body: Body) => body["messages"].at(-1)?.role === "tool";
const chunk = (delta: unknown, finish_reason: string | null = null, more: object = {}) => ({
  id: "gen-1",
  object: "chat.completion.chunk",
  model: "server/model",
  choices: [{ index: 0, delta, finish_reason }],
  ...more,
});

describe("conversations that servers refuse", () => {
  test("Mistral takes tool-call ids of nine letters and digits only (openclaw/openclaw#57672, langchain-ai/langchain#29021)", async () => {
    await using server = await start((body) => {
      if (!hasToolResult(body)) {
        return answer(
          { content: null, tool_calls: [toolCall("weather", { city: "Vell" })] },
          "tool_calls",
        );
      }
      const ids = body["messages"].flatMap((message: Body) => [
        ...(message["tool_calls"] ?? []).map(({ id }: Body) => id),
        ...(message["tool_call_id"] ? [message["tool_call_id"]] : []),
      ]);
      if (new Set(ids).size !== 1) return refusal("Not the same id");
      return /^[a-zA-Z0-9]{9}$/.test(ids[0])
        ? answer({ content: "It rains in Vell." })
        : refusal(`Tool call id was ${ids[0]} but must be a-z, A-Z, 0-9, with a length of 9.`);
    });
    expect(await server.run()).toBe("It rains in Vell.");
    expect(await server.run()).toBe("It rains in Vell.");
    expect(server.requests).toHaveLength(5);
  });

  test("Kimi and DeepSeek require their own reasoning_content (charmbracelet/crush#2696, QuantumNous/new-api#3121)", async () => {
    await using server = await start((body) => {
      if (!hasToolResult(body)) {
        return answer(
          {
            content: "",
            reasoning_content: "I look.",
            tool_calls: [toolCall("weather", { city: "Vell" })],
          },
          "tool_calls",
        );
      }
      const { reasoning_content } = body["messages"].at(-2);
      return reasoning_content === "I look."
        ? answer({ content: "It rains in Vell." })
        : refusal(
            "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2",
          );
    });
    expect(await server.run()).toBe("It rains in Vell.");
    expect(server.requests).toHaveLength(2);
  });

  test("Gemini refuses keywords of JSON Schema in tools (router-for-me/CLIProxyAPI#97, diegosouzapw/OmniRoute#13464)", async () => {
    await using server = await start((body) => {
      const text = JSON.stringify(body["tools"]);
      const unknown = ["$schema", "exclusiveMinimum", "prefixItems"].find((name) =>
        text.includes(`"${name}"`),
      );
      if (unknown) {
        return refusal(
          `Invalid JSON payload received. Unknown name "${unknown}" at 'tools[0].function_declarations[0].parameters': Cannot find field.`,
        );
      }
      return answer({ content: "It rains in Vell." });
    });
    expect(await server.run()).toBe("It rains in Vell.");
    const sent = server.requests.length;
    expect(await server.run()).toBe("It rains in Vell.");
    expect(server.requests).toHaveLength(sent + 1);
  });

  test("chat templates require one system message and alternating roles (suitenumerique/conversations#197, vllm-project/vllm#6862)", async () => {
    await using server = await start((body) => {
      const roles = body["messages"].map(({ role }: Body) => role);
      return roles.join() === "system,user,assistant,user"
        ? answer({ content: "Fine." })
        : refusal(
            "After the optional system message, conversation roles must alternate user/assistant/user/assistant/...",
          );
    });
    const { text } = await server.model.invoke([
      new SystemMessage("You are kind."),
      new SystemMessage("You are brief."),
      new HumanMessage("Hello"),
      new AIMessage("Hello!"),
      new HumanMessage("One."),
      new HumanMessage("Two."),
    ]);
    expect(text).toBe("Fine.");
    const merged = JSON.stringify(server.requests.at(-1)?.["messages"]);
    for (const said of ["kind", "brief", "One", "Two"]) expect(merged).toContain(said);
  });

  test("a message must not carry fields that are null (github/copilot-sdk#2061)", async () => {
    await using server = await start((body) => {
      if (!hasToolResult(body)) {
        return answer(
          { content: null, refusal: null, tool_calls: [toolCall("weather", { city: "Vell" })] },
          "tool_calls",
        );
      }
      const fields = Object.entries(body["messages"].at(-2)).filter(([name]) => name !== "content");
      return fields.some(([, value]) => value === null)
        ? refusal("Value is not a string: null")
        : answer({ content: "It rains in Vell." });
    });
    expect(await server.run()).toBe("It rains in Vell.");
  });

  test.each([
    [
      "Ollama refuses null (SAIL-Research-Lab/cheetahclaws#72)",
      null,
      "invalid message content type: <nil>",
    ],
    [
      "Bedrock refuses empty text (vercel/ai#13505)",
      "",
      "The text field in the ContentBlock object at messages.1.content.0 is blank. Add text to the text field, and try again.",
    ],
  ])("content of a message that only calls tools: %s", async (_, refused, message) => {
    await using server = await start((body) => {
      if (!hasToolResult(body)) {
        return answer(
          { content: null, tool_calls: [toolCall("weather", { city: "Vell" })] },
          "tool_calls",
        );
      }
      const { content } = body["messages"].at(-2);
      return content === refused ? refusal(message) : answer({ content: "It rains in Vell." });
    });
    expect(await server.run()).toBe("It rains in Vell.");
    expect(await server.run()).toBe("It rains in Vell.");
    expect(server.requests.length).toBeLessThanOrEqual(5);
  });
});

describe("strict tools whose schema has optional fields (openai/openai-node#1709)", () => {
  const response_format = {
    type: "json_schema" as const,
    json_schema: { name: "answer", schema: { type: "object" } },
  };
  const refusesStrict = (body: Body): Answer =>
    body["tools"]?.some((each: Body) => each["function"].strict)
      ? refusal(
          "Invalid schema for function 'weather': In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'days'.",
        )
      : answer({ content: "{}" });

  test("the field strict that LangChain sets with a response format is not sent", async () => {
    await using server = await start(refusesStrict);
    const model = server.model.bindTools([weather]);
    expect((await model.invoke("Weather?", { response_format })).text).toBe("{}");
    expect(server.requests).toHaveLength(1);
  });

  test("the caller's own strict is sent; if the server refuses it, it is left out with an event", async () => {
    await using server = await start(refusesStrict);
    const model = server.model.bindTools([weather], { strict: true });
    expect((await model.invoke("Weather?", { response_format })).text).toBe("{}");
    expect(server.requests).toHaveLength(2);
    expect(server.events.filter(({ type }) => type === "adapt")).toMatchObject([
      { parameter: "strict" },
    ]);
  });
});

describe("unusual answers of servers", () => {
  test("an empty finish_reason does not end a stream (ollama/ollama#4357)", async () => {
    await using server = await start(() => ({
      events: [
        chunk({ role: "assistant", content: "It" }, ""),
        chunk({ content: " rains." }, ""),
        chunk({}, "stop"),
      ],
    }));
    let text = "";
    for await (const part of await server.model.stream("Weather?")) text += part.text;
    expect(text).toBe("It rains.");
  });

  test.each([
    [
      "no choices (Mintplex-Labs/anything-llm#5112)",
      { id: "gen-1", object: "chat.completion.chunk" },
    ],
    ["a null delta (tarasglek/chatcraft.org#161)", chunk(null)],
  ])("a chunk with %s is ignored", async (_, odd) => {
    await using server = await start(() => ({
      events: [
        odd,
        chunk({ content: "It" }),
        odd,
        chunk({ content: " rains." }),
        chunk({}, "stop"),
        odd,
      ],
    }));
    let text = "";
    for await (const part of await server.model.stream("Weather?")) text += part.text;
    expect(text).toBe("It rains.");
  });

  test("an error in a chunk without choices is an error, not an empty answer (diegosouzapw/OmniRoute#8210)", async () => {
    await using server = await start((_, turn) =>
      turn === 1
        ? {
            events: [
              {
                ...chunk({}),
                choices: [],
                error: { code: 502, message: "Worker local total request limit reached (33/32)" },
              },
            ],
          }
        : { events: [chunk({ content: "It rains." }), chunk({}, "stop")] },
    );
    let text = "";
    for await (const part of await server.model.stream("Weather?")) text += part.text;
    expect(text).toBe("It rains.");
    expect(server.records[0]?.attempts[0]?.error?.message).toContain(
      "Worker local total request limit",
    );
  });

  test.each(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"])(
    "%s is a failed attempt, not an empty answer (pydantic/pydantic-ai#631, NousResearch/hermes-agent#83882)",
    async (native_finish_reason) => {
      await using server = await start((_, turn) =>
        turn === 1
          ? answer({ content: "" }, "stop", { native_finish_reason })
          : answer({ content: "It rains in Vell." }),
      );
      expect(await server.run()).toBe("It rains in Vell.");
      expect(server.records[0]?.attempts[0]?.error?.message).toContain(native_finish_reason);
    },
  );

  test.each([
    ["MALFORMED_FUNCTION_CALL", "stop"],
    [undefined, "function_call_filter: MALFORMED_FUNCTION_CALL"],
  ])("a stream that ends with %s is sent again", async (native_finish_reason, finish) => {
    await using server = await start((_, turn) => {
      const end = chunk({}, finish) as Body;
      end["choices"][0].native_finish_reason = native_finish_reason;
      return { events: turn === 1 ? [end] : [chunk({ content: "It rains." }), chunk({}, "stop")] };
    });
    let text = "";
    for await (const part of await server.model.stream("Weather?")) text += part.text;
    expect(text).toBe("It rains.");
    expect(server.records[0]?.attempts[0]?.error).toMatchObject({
      kind: "invalid_response_error",
      message: expect.stringContaining("MALFORMED_FUNCTION_CALL"),
    });
  });

  test("the choices of one answer have different message ids", async () => {
    await using server = await start(() => {
      const { json } = answer({ content: "It rains." }) as { json: Body };
      json["choices"].push({ ...json["choices"][0], index: 1 });
      return { json };
    });
    const { generations } = await server.model.generate([[new HumanMessage("Weather?")]], { n: 2 });
    const ids = generations[0]?.map((each) => (each as unknown as Body)["message"].id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
  });

  test.each([
    ["in chunks of their own", false],
    ["in one chunk", true],
  ])("the choices of one stream are separated, %s", async (_, isJoint) => {
    await using server = await start(() => {
      const piece = (index: number, content: string, finish_reason: string | null = null) => ({
        index,
        delta: { content },
        finish_reason,
      });
      const pairs = [
        [piece(0, "It "), piece(1, "No ")],
        [piece(0, "rains."), piece(1, "rain.")],
        [piece(0, "", "stop"), piece(1, "", "stop")],
      ];
      const events = pairs.flatMap((choices) => {
        const lists = isJoint ? [choices] : choices.map((choice) => [choice]);
        return lists.map((list) => ({ ...chunk({}), choices: list }));
      });
      return { events };
    });
    const texts = new Map<string | undefined, string>();
    for await (const part of await server.model.stream("Weather?", { n: 2 })) {
      if (part.text !== "") texts.set(part.id, (texts.get(part.id) ?? "") + part.text);
    }
    expect([...texts.values()]).toEqual(["It rains.", "No rain."]);
    expect(texts.has(undefined)).toBe(false);
  });

  test("finish_reason stop with tool calls runs the tools (BerriAI/litellm#12862, vllm-project/vllm#9209)", async () => {
    await using server = await start((body) =>
      hasToolResult(body)
        ? answer({ content: "It rains in Vell." })
        : answer({ content: null, tool_calls: [toolCall("weather", { city: "Vell" })] }, "stop"),
    );
    expect(await server.run()).toBe("It rains in Vell.");
  });

  test("a tool call that was cut at max_tokens is not executed, even with another finish_reason (vllm-project/vllm#53269)", async () => {
    const cut = {
      id: "call_1",
      type: "function",
      function: { name: "weather", arguments: '{"city":"Ve' },
    };
    await using server = await start((body, turn) =>
      turn === 1
        ? answer({ content: null, tool_calls: [cut] }, "tool_calls")
        : answer({ content: hasToolResult(body) ? "It rains in Vell." : "It rains." }),
    );
    expect(await server.run()).toMatch(/^It rains/);
    const results = server.requests
      .flatMap((body) => body["messages"])
      .filter(({ role }: Body) => role === "tool");
    for (const { content } of results) expect(content).not.toContain("It rains in Ve.");
  });

  test("a tool call that is written as text is recognized (openclaw/openclaw#78326, kenlasko/monize#396)", async () => {
    const texts = [
      '<tool_call>\n{"name": "weather", "arguments": {"city": "Vell"}}\n</tool_call>',
      '<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{"city":"Vell"}<|call|>',
      '<function=weather>{"city": "Vell"}</function>',
    ];
    for (const content of texts) {
      await using server = await start((body) =>
        hasToolResult(body) ? answer({ content: "It rains in Vell." }) : answer({ content }),
      );
      expect(await server.run()).toBe("It rains in Vell.");
    }
  });
});

describe("names of tools", () => {
  test.each(["multi_tool.parallel x", "a".repeat(65), "wetter für", ""])(
    "%j is refused when the tool is bound (vercel/ai#1972, mrexodia/ida-pro-mcp#129)",
    async (name) => {
      await using server = await start(() => answer({ content: "It rains." }));
      const odd = {
        type: "function" as const,
        function: { name, parameters: { type: "object", properties: {} } },
      };
      expect(() => server.model.bindTools([odd])).toThrow(/name/);
      expect(server.requests).toHaveLength(0);
    },
  );
});
