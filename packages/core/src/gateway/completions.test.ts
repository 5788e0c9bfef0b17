import { describe, expect, test, vi } from "vitest";
import {
  chunk,
  completion,
  done,
  helloStream,
  wireUsage,
} from "../completions/__fixtures__/completions.ts";
import type { Policy } from "../call/index.ts";
import type { CompletionChunk } from "../completions/index.ts";
import { jsonOf } from "../completions/reading/kept-answers.ts";
import { MemoryJournal } from "../journal/index.ts";
import { MemoryBudgetStore } from "../resilience/budget/index.ts";
import {
  json,
  startCompletions,
  status,
  stream,
  text,
} from "../models/__fixtures__/completions-server.ts";

const messages = [{ role: "user", content: "Hi" }] as const;
const request = { messages };

const fallbackTo = (url: string) => ({
  PORTKEY_GATEWAY_URL: url,
  PORTKEY_FALLBACKS: JSON.stringify([{ provider: "anthropic", model: "claude" }]),
});

async function readAll(chunks: AsyncIterable<CompletionChunk>): Promise<CompletionChunk[]> {
  return Array.fromAsync(chunks);
}

/** An answer with fields that no type knows, in each of its parts. */
const unusual = {
  ...completion(),
  system_fingerprint: null,
  x_server: { region: "eu" },
  choices: [
    {
      index: 0,
      finish_reason: "stop",
      native_finish_reason: "end_turn",
      logprobs: null,
      message: { role: "assistant", content: "Hello", refusal: null, annotations: [{ x: 1 }] },
    },
  ],
  usage: { ...wireUsage, cost_details: { upstream_inference_cost: null } },
};

describe("a whole answer", () => {
  test("is what the server sent, with fields that no type knows", async () => {
    await using t = await startCompletions([json(unusual)]);
    expect(await t.orchestra.completions.create(request)).toEqual(unusual);
  });

  test("is requested with the unchanged request and fields for OpenRouter", async () => {
    await using t = await startCompletions([json(unusual)]);
    const own = { ...request, temperature: 0, x_field: [1], provider: { order: ["a"] } };
    await t.orchestra.completions.create(own, { runId: "run-1" });
    expect(t.bodies()).toEqual([
      { ...own, model: "openai/gpt-4o", max_tokens: 4096, session_id: "run-1" },
    ]);
  });

  test("is recorded for the user whom the request names, without secrets", async () => {
    await using t = await startCompletions([json(unusual), json(unusual), json(unusual)]);
    for (const user of ["ada", "sk-or-v1-the-key-of-a-user", undefined]) {
      await t.orchestra.completions.create({ ...request, user });
    }
    expect(t.records.map(({ user }) => user)).toEqual(["ada", "sk-[redacted]", undefined]);
  });

  test.each([
    ["max_tokens", { max_tokens: 7 }, { max_tokens: 7 }],
    ["max_completion_tokens", { max_completion_tokens: 7 }, { max_completion_tokens: 7 }],
    ["neither", {}, { max_tokens: 4096 }],
  ])("is limited by the caller's own limit: %s", async (_, own, limit) => {
    await using t = await startCompletions([json(completion())]);
    await t.orchestra.completions.create({ ...request, ...own });
    const { max_tokens, max_completion_tokens } = t.bodies()[0] ?? {};
    const sent = { max_tokens, max_completion_tokens };
    expect(sent).toEqual({ max_tokens: undefined, max_completion_tokens: undefined, ...limit });
  });

  test("may be streamed from upstream, and is then put together", async () => {
    await using t = await startCompletions([stream(helloStream)]);
    const answer = await t.orchestra.completions.create(request, { streamUpstream: true });
    expect(t.bodies()[0]).toMatchObject({ stream: true });
    expect(answer).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { content: "Hello there" }, finish_reason: "stop" }],
      usage: wireUsage,
    });
  });

  test("is recorded under its role and run, with the caller's headers and events", async () => {
    await using t = await startCompletions([json(completion())]);
    const types: string[] = [];
    await t.orchestra.completions.create(request, {
      runId: "run-1",
      traceId: "trace-1",
      headers: { "X-Own": "1" },
      onEvent: ({ type }) => types.push(type),
    });
    expect(t.records).toMatchObject([
      { role: "general", runId: "run-1", traceId: "trace-1", promptTokens: 10, costUsd: 0.00014 },
    ]);
    expect(t.received()[0]?.headers).toMatchObject({ "x-own": "1" });
    expect(types).toContain("call-end");
  });
});

describe("the model", () => {
  const environment = { AGENT_MODEL_MAP: '{"writer":"anthropic/claude"}' };

  test.each([
    ["the default without a role", {}, {}, "openai/gpt-4o", "general"],
    ["that of agentType", {}, { agentType: "writer" }, "anthropic/claude", "writer"],
    ["the default for a role without one", {}, { agentType: "critic" }, "openai/gpt-4o", "critic"],
    ["the request's own", { model: "a/b" }, {}, "a/b", "general"],
    ["the request's own, of a role", { model: "a/b" }, { agentType: "writer" }, "a/b", "writer"],
  ])("is %s", async (_, own, options, model, role) => {
    await using t = await startCompletions([json(completion())], { environment });
    await t.orchestra.completions.create({ ...request, ...own }, options);
    expect(t.bodies()[0]).toMatchObject({ model });
    expect(t.records).toMatchObject([{ role, model }]);
  });

  test("brings the request fields of its role", async () => {
    await using t = await startCompletions([json(completion())], {
      environment: { AGENT_REQUEST_MAP: '{"writer":{"temperature":0.1,"seed":1}}' },
    });
    await t.orchestra.completions.create({ ...request, seed: 2 }, { agentType: "writer" });
    expect(t.bodies()[0]).toMatchObject({ temperature: 0.1, seed: 2 });
  });
});

describe("a failure", () => {
  test("is retried", async () => {
    await using t = await startCompletions([status(503, "busy"), json(unusual)]);
    expect(await t.orchestra.completions.create(request)).toEqual(unusual);
    expect(t.records[0]?.attempts).toMatchObject([{ status: 503 }, { status: 200 }]);
  });

  test("falls back to another model, with OpenRouter's fields left out", async () => {
    await using gateway = await startCompletions([json(unusual)]);
    await using t = await startCompletions([status(402, "no credits")], {
      environment: fallbackTo(gateway.url),
    });
    const own = { ...request, plugins: [{ id: "web" }] };
    expect(await t.orchestra.completions.create(own)).toEqual(unusual);
    expect(gateway.bodies()).toMatchObject([{ model: "claude" }]);
    expect(gateway.bodies()[0]).not.toHaveProperty("plugins");
    expect(t.records).toMatchObject([{ fallbackUsed: true, via: "portkey" }]);
  });

  test("of the last attempt is thrown with all attempts", async () => {
    await using t = await startCompletions([status(503, "busy")], {
      environment: { LLM_MAX_RETRIES: "1" },
    });
    const work = t.orchestra.completions.create(request);
    await expect(work).rejects.toMatchObject({
      name: "CallFailedError",
      code: "service_error",
      attempts: [{ status: 503 }, { status: 503 }],
    });
  });

  test("of a budget is thrown before anything is sent", async () => {
    await using t = await startCompletions([json(completion())], {
      environment: { LLM_BUDGET_TOKENS_PER_CALL: "100" },
    });
    await expect(t.orchestra.completions.create(request)).rejects.toMatchObject({
      code: "budget_error",
    });
    expect(t.received()).toEqual([]);
  });

  test("is the signal's reason after an abort", async () => {
    const caller = new AbortController();
    const reason = new Error("the user left");
    await using t = await startCompletions([() => caller.abort(reason)]);
    const work = t.orchestra.completions.create(request, { signal: caller.signal });
    await expect(work).rejects.toBe(reason);
    expect(t.records).toMatchObject([{ status: "aborted", attempts: [{}] }]);
  });
});

describe("a request that cannot work is refused before anything is sent", () => {
  test.each<[string, unknown, string]>([
    [
      "without messages",
      {},
      "completions.create(): request.messages is missing: expected a list of",
    ],
    ["with no message", { messages: [] }, "messages is empty: expected a list of messages"],
    ["with messages that are no list", { messages: "Hi" }, "messages is a text: expected a list"],
    [
      "with a misspelt field",
      { message: [] },
      "request.message is not known (did you mean messages?)",
    ],
    [
      "with swapped letters",
      { mesasges: [] },
      "request.mesasges is not known (did you mean messages?)",
    ],
    ["with a message without a role", { messages: [...messages, { content: "x" }] }, "messages[1]"],
    ["with an empty model", { messages, model: " " }, "model is not a model id"],
    ["with a model that is no text", { messages, model: 7 }, "model is not a model id"],
    ["with the role as a field", { messages, agent_type: "a" }, "{ agentType:"],
    ["with the role as an option's name", { messages, agentType: "a" }, "request.agentType is not"],
  ])("%s", async (_, wrong, problem) => {
    await using t = await startCompletions([json(completion())]);
    const work = t.orchestra.completions.create(wrong as typeof request);
    await expect(work).rejects.toMatchObject({
      name: "ArgumentError",
      message: expect.stringContaining(problem),
    });
    expect([t.received().length, t.records.length]).toEqual([0, 0]);
  });
});

describe("a stream", () => {
  const asked = { ...request, stream: true } as const;

  test("has the chunks that the server sent, with fields that no type knows", async () => {
    const chunks = [
      chunk({ role: "assistant", content: "Hel", x_delta: 1 }, null, { x_chunk: { a: 1 } }),
      chunk({ content: "lo" }, "stop", { service_tier: null }),
      chunk({}, null, { choices: [], usage: { ...wireUsage, x_usage: 1 } }),
    ];
    await using t = await startCompletions([stream([...chunks, done])]);
    const answer = await t.orchestra.completions.create(asked);
    expect(await readAll(answer)).toEqual(chunks);
    expect(t.bodies()[0]).toMatchObject({ stream: true });
    expect(t.records).toMatchObject([{ status: "succeeded", promptTokens: 10 }]);
  });

  test("that its reader leaves at the finish is a whole answer, with its usage", async () => {
    await using t = await startCompletions([stream(helloStream)]);
    for await (const { choices } of await t.orchestra.completions.create(asked)) {
      if (choices[0]?.finish_reason) break;
    }
    expect(t.records).toMatchObject([{ status: "succeeded", promptTokens: 10 }]);
  });

  test("that its reader leaves before the finish is aborted", async () => {
    await using t = await startCompletions([stream(helloStream)]);
    for await (const { choices } of await t.orchestra.completions.create(asked)) {
      if (choices[0]?.delta.content) break;
    }
    expect(t.records).toMatchObject([{ status: "aborted" }]);
  });

  test("is retried before its first token, unseen", async () => {
    await using t = await startCompletions([status(503, "busy"), stream(helloStream)]);
    const chunks = await readAll(await t.orchestra.completions.create(asked));
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    expect(text).toBe("Hello there");
    expect(t.received()).toHaveLength(2);
  });

  test("rejects before its first token, when retries are used up", async () => {
    await using t = await startCompletions([status(503, "busy")], {
      environment: { LLM_MAX_RETRIES: "1" },
    });
    await expect(t.orchestra.completions.create(asked)).rejects.toMatchObject({
      name: "CallFailedError",
    });
    expect(t.received()).toHaveLength(2);
  });

  test("that breaks after its first token ends with an error that has the text so far", async () => {
    const broken = [
      chunk({ role: "assistant", content: "Hel" }),
      { error: { code: 502, message: "gone" } },
    ];
    await using t = await startCompletions([stream(broken)]);
    const work = t.orchestra.completions.create(asked).then(readAll);
    await expect(work).rejects.toMatchObject({
      name: "StreamInterruptedError",
      partialText: "Hel",
    });
    expect(t.records).toMatchObject([{ status: "failed" }]);
  });

  test("that is restarted has a chunk with `restart`", async () => {
    const broken = [
      chunk({ role: "assistant", content: "Hel" }),
      { error: { code: 502, message: "gone" } },
    ];
    await using t = await startCompletions([stream(broken), stream(helloStream)], {
      environment: { LLM_STREAM_RESTARTS: "1" },
    });
    const chunks = await readAll(await t.orchestra.completions.create(asked));
    const restart = chunks.findIndex((some) => "restart" in some);
    expect(chunks[restart]).toMatchObject({ restart: 1, choices: [{ delta: { content: "" } }] });
    const text = chunks.slice(restart).map(({ choices }) => choices[0]?.delta.content ?? "");
    expect(text.join("")).toBe("Hello there");
  });

  test("that its reader leaves is recorded as aborted", async () => {
    const first = chunk({ role: "assistant", content: "Hel" });
    await using t = await startCompletions([
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(`data: ${JSON.stringify(first)}\n\n`);
      },
    ]);
    for await (const _ of await t.orchestra.completions.create(asked)) break;
    expect(t.records).toMatchObject([{ status: "aborted" }]);
    await t.received()[0]?.closed;
  });
});

describe("the JSON of an answer", () => {
  const kept = { keepsJson: true };
  const whole = JSON.stringify(unusual, undefined, 1).replace("Hello", "\\u0048ello");
  const piece = JSON.stringify(chunk({ content: "Hello" })).replace("{", "{ ");
  const last = [chunk({}, "stop"), done];

  test("is known as the server sent it, where the call asks for it", async () => {
    await using t = await startCompletions([text(whole)]);
    expect(jsonOf(await t.orchestra.completions.create(request, kept))).toBe(whole);
    expect(jsonOf(await t.orchestra.completions.create(request))).toBeUndefined();
  });

  test("is known of a chunk with text", async () => {
    await using t = await startCompletions([stream([`data: ${piece}\n\n`, ...last])]);
    const asked = { ...request, stream: true } as const;
    const [first] = await readAll(await t.orchestra.completions.create(asked, kept));
    expect(first && jsonOf(first)).toBe(piece);
  });

  test("is not known of a chunk on several lines", async () => {
    const lines = piece.replace("{ ", "{\ndata: ");
    await using t = await startCompletions([stream([`data: ${lines}\n\n`, ...last])]);
    const asked = { ...request, stream: true } as const;
    const [first] = await readAll(await t.orchestra.completions.create(asked, kept));
    expect(first).toEqual(JSON.parse(piece));
    expect(first && jsonOf(first)).toBeUndefined();
  });

  test("is not known where a policy of the user's may change the answer", async () => {
    const policy: Policy = (next) => async (attempt) => {
      const answer = await next(attempt);
      if (answer.kind === "whole") Object.assign(answer.completion, { model: "another" });
      return answer;
    };
    const policies = (defaults: readonly Policy[]) => [policy, ...defaults];
    await using t = await startCompletions([text(whole)], { policies });
    const answer = await t.orchestra.completions.create(request, kept);
    expect(answer.model).toBe("another");
    expect(jsonOf(answer)).toBeUndefined();
  });
});

describe("a call that is in the journal", () => {
  const options = (journal: MemoryJournal) => ({ runId: "run-1", journal, step: "answer" });

  test("is answered from it, whole, without a request", async () => {
    await using t = await startCompletions([json(unusual)]);
    const journal = new MemoryJournal();
    await t.orchestra.completions.create(request, options(journal));
    const again = await t.orchestra.completions.create(request, options(journal.again()));
    expect(again).toEqual(unusual);
    expect(t.received()).toHaveLength(1);
    expect(t.events.map(({ type }) => type)).toContain("call-replay");
    expect(t.records).toHaveLength(1);
  });

  test("is answered from it as a stream", async () => {
    await using t = await startCompletions([stream(helloStream)]);
    const journal = new MemoryJournal();
    const asked = { ...request, stream: true } as const;
    await readAll(await t.orchestra.completions.create(asked, options(journal)));
    const chunks = await readAll(
      await t.orchestra.completions.create(asked, options(journal.again())),
    );
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    expect(text).toBe("Hello there");
    expect(t.received()).toHaveLength(1);
  });
});

test.each([
  ["a whole answer", [json(completion())], {}],
  ["a stream", [stream(helloStream)], { stream: true }],
  ["a failure", [status(400, "no")], {}],
])(
  "the budget of a run ends with %s, unless the caller names the run",
  async (_, replies, fields) => {
    const budgetStore = new MemoryBudgetStore();
    const environment = { LLM_BUDGET_TOKENS_PER_RUN: "100000" };
    await using t = await startCompletions(replies, { budgetStore, environment });
    const closed = vi.spyOn(budgetStore, "close");
    const call = async (options: { readonly runId?: string }) => {
      const answer = await t.orchestra.completions.create({ ...request, ...fields }, options);
      if (!("id" in answer)) await readAll(answer);
    };
    await call({}).catch(() => undefined);
    await call({ runId: "named" }).catch(() => undefined);
    const runs = closed.mock.calls.flatMap(([{ scope, id }]) => (scope === "run" ? [id] : []));
    expect(runs).toEqual([t.records[0]?.runId]);
  },
);

test("a parameter that the server refuses is left out from then on", async () => {
  const refusal = "Unsupported parameter: 'temperature' is not supported with this model.";
  await using t = await startCompletions([status(400, refusal), json(completion())]);
  const hot = { ...request, temperature: 1, top_p: 0.5 };
  await t.orchestra.completions.create(hot);
  await t.orchestra.completions.create(hot);
  expect(t.bodies().map(({ temperature, top_p }) => [temperature, top_p])).toEqual([
    [1, 0.5],
    [undefined, 0.5],
    [undefined, 0.5],
  ]);
  expect(t.events.filter(({ type }) => type === "adapt")).toMatchObject([
    { model: "openai/gpt-4o", parameter: "temperature", message: expect.stringContaining(refusal) },
  ]);
  expect(t.records.map(({ attempts }) => attempts.map(({ status: code }) => code))).toEqual([
    [400, 200],
    [200],
  ]);
});
