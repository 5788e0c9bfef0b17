import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { Orchestra } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";
import { expect, test, vi } from "vitest";
import { z } from "zod";

/**
 * The fields that OpenRouter's chat completions take, out of those that an agent could send.
 *
 * Source: https://openrouter.ai/docs/api-reference/chat-completion
 */
const known = new Set([
  "model",
  "messages",
  "max_tokens",
  "temperature",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "response_format",
  "session_id",
]);

const search = tool(
  () => '{"passages":[{"path":"a.md","line":1,"text":"The lamp charges in four hours."}]}',
  {
    name: "search",
    description: "Searches",
    schema: z.object({ query: z.string() }),
  },
);

test("every request has only fields that OpenRouter documents", async () => {
  await using sandbox = await startSandbox();
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-wire-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      OPENROUTER_HEADERS: '{"HTTP-Referer":"https://example.com","X-Title":"Wire"}',
      LOG_LEVEL: "silent",
    },
  });
  await orchestra
    .researcher({ tools: [search] })
    .invoke({ task: "How long does the lamp charge?" });
  await orchestra.chat([new HumanMessage("Hello")]);
  for await (const _ of await orchestra.model.stream("Hello"));

  expect(sandbox.books.entries.length).toBeGreaterThanOrEqual(4);
  for (const { body, headers } of sandbox.books.entries) {
    expect(Object.keys(body).filter((field) => !known.has(field))).toEqual([]);
    expect(body).toMatchObject({
      model: "openai/gpt-4o",
      max_tokens: expect.any(Number),
      stream: true,
    });
    expect(headers).toMatchObject({ "http-referer": "https://example.com", "x-title": "Wire" });
  }
});

test("OpenAI's own environment variables do not leak into requests", async () => {
  await using sandbox = await startSandbox();
  vi.stubEnv("OPENAI_ORG_ID", "org-1");
  vi.stubEnv("OPENAI_PROJECT_ID", "proj-1");
  vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:1");
  try {
    const seen: Headers[] = [];
    const orchestra = new Orchestra({
      environment: {
        OPENROUTER_API_KEY: "sk-or-v1-wire-0123456789",
        OPENROUTER_BASE_URL: sandbox.url,
        LOG_LEVEL: "silent",
      },
      fetch: (input, init) => {
        if (new Request(input).url.endsWith("/chat/completions"))
          seen.push(new Headers(init?.headers));
        return fetch(input, init);
      },
    });
    await orchestra.chat("Hello");
    expect(
      seen.map((headers) => [headers.get("openai-organization"), headers.get("openai-project")]),
    ).toEqual([[null, null]]);
  } finally {
    vi.unstubAllEnvs();
  }
});

test("a local server that needs no key gets none", async () => {
  await using sandbox = await startSandbox({ requireKey: false });
  const seen: (string | null)[] = [];
  const orchestra = new Orchestra({
    environment: { OPENROUTER_BASE_URL: sandbox.url, LOG_LEVEL: "silent" },
    fetch: (input, init) => {
      seen.push(new Headers(init?.headers).get("authorization"));
      return fetch(input, init);
    },
  });
  await orchestra.chat("Hello");
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter((authorization) => authorization !== null)).toEqual([]);
});
