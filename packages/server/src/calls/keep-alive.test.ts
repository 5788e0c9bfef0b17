import OpenAI from "openai";
import { expect, test } from "vitest";
import { hello, post, question } from "../test-support/client.ts";
import { startServerAt } from "../test-support/start-test-server.ts";
import { chunk, startUpstream } from "../test-support/start-upstream.ts";

const comment = ": ORCHESTRA PROCESSING\n\n";
const server = { keepAliveMs: 10 };
const environment = { LLM_MAX_RETRIES: "0" };

/** Answers when the test says so. */
async function slowUpstream(status = 200) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const upstream = await startUpstream(async (response) => {
    await promise;
    response.writeHead(status, { "content-type": "text/event-stream" });
    response.end(`data: ${chunk({ content: "Late." }, "stop")}\n\ndata: [DONE]\n\n`);
  });
  return { upstream, answer: resolve };
}

test("a client that waits for the first token gets comments, and then the stream", async () => {
  const { upstream, answer } = await slowUpstream();
  await using _ = upstream;
  await using t = await startServerAt(upstream.url, { server, environment });
  const response = await post(t.url, { ...hello, stream: true });
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  answer();
  const text = await response.text();
  expect(text.startsWith(comment)).toBe(true);
  const rest = text.replaceAll(comment, "");
  expect(rest).toMatch(/^data: .*Late\..*\n\ndata: \[DONE\]\n\n$/);
});

test("an error before the first token is then the only chunk", async () => {
  const { upstream, answer } = await slowUpstream(503);
  await using _ = upstream;
  await using t = await startServerAt(upstream.url, { server, environment });
  const response = await post(t.url, { ...hello, stream: true });
  expect(response.status).toBe(200);
  answer();
  const text = (await response.text()).replaceAll(comment, "");
  expect(text).toMatch(
    /^data: .*"finish_reason":"error".*"type":"service_error".*\n\ndata: \[DONE\]/,
  );
});

test.each(["chat", "responses"])("the openai client reads past comments: %s", async (api) => {
  const { upstream, answer } = await slowUpstream();
  await using _ = upstream;
  await using t = await startServerAt(upstream.url, { server, environment });
  const client = new OpenAI({ baseURL: t.url, apiKey: "any", maxRetries: 0 });
  const model = "openai/gpt-4o";
  const [{ content: input }] = question.messages;
  let text = "";
  if (api === "chat") {
    const messages = [...question.messages];
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    answer();
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
  } else {
    const stream = await client.responses.create({ model, input, stream: true });
    answer();
    for await (const event of stream) {
      if (event.type === "response.output_text.delta") text += event.delta;
    }
  }
  expect(text).toBe("Late.");
});
