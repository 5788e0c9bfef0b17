import { describe, expect, test } from "vitest";
import { z } from "zod";
import { CallFailedError, ModelError } from "../errors/index.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";

const poet = { name: "poet", system: "You write haiku." } as const;
const haiku = "An old silent pond. A frog jumps into the pond. Splash! Silence again.";
const teller = { ...poet, output: z.object({ haiku: z.string() }) };
const json = JSON.stringify({ haiku });

const start = (content: string) =>
  startTestOrchestra({
    sandbox: { fixtures: [{ match: {}, response: { content } }], faults: [{ fault: "length" }] },
  });

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

async function read(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const parts: unknown[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

describe("an answer that max_tokens cut off", () => {
  test.each([
    ["a text", poet, haiku],
    ["an object", teller, json],
  ])("ends an agent's call for %s with an error that names the limit", async (_, role, content) => {
    await using t = await start(content);
    const error = await failureOf(t.orchestra.agent({ ...role, maxTokens: 40 }).invoke("a pond"));
    if (!CallFailedError.isInstance(error)) throw error;
    expect(error.code).toBe("invalid_response_error");
    expect(error.reason).toBe("cut_off");
    expect(error.message).toContain("cut off by max_tokens (40): raise the role's maxTokens");
    expect(error.message).not.toContain("PORTKEY_FALLBACKS");
    expect(content.startsWith(error.partialText ?? "?")).toBe(true);
    // No correction is asked for: it would be cut off too.
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("is not sent to a fallback, which would have the same limit", async () => {
    await using t = await startTestOrchestra({
      sandbox: { faults: [{ fault: "length" }] },
      settings: { fallbacks: [{ provider: "openai", model: "gpt-4o-mini" }] },
    });
    await failureOf(t.orchestra.agent(poet).invoke("a pond"));
    expect(t.record()).toMatchObject({ status: "failed", attempts: [{ status: 200 }] });
  });

  test.each([
    ["a text", poet, haiku],
    ["an object", teller, json],
  ])("ends an agent's stream of %s with the same error", async (_, role, content) => {
    await using t = await start(content);
    const agent = t.orchestra.agent<string, unknown>({ ...role, maxTokens: 40 } as never);
    const error = await failureOf(agent.stream("a pond").then(read));
    if (!ModelError.isInstance(error)) throw error;
    expect(error.reason).toBe("cut_off");
    expect(error.message).toContain("cut off by max_tokens (40)");
    expect(content.startsWith(error.partialText ?? "?")).toBe(true);
    expect(t.record()).toMatchObject({ status: "succeeded", finishReason: "length" });
  });

  test("is returned by a role model, as in LangChain, and marked in its record and in the log", async () => {
    const lines: string[] = [];
    const silent = () => {};
    await using t = await startTestOrchestra({
      sandbox: { faults: [{ fault: "length" }] },
      logger: {
        error: silent,
        warn: (message) => lines.push(message),
        info: silent,
        debug: silent,
      },
    });
    const answer = await t.orchestra.chat("a pond");
    expect(answer.response_metadata).toMatchObject({ finish_reason: "length" });
    expect(t.record()).toMatchObject({ status: "succeeded", finishReason: "length" });
    expect(lines).toContain("model call, cut off by max_tokens");
  });

  test("is distinguished from a complete one", async () => {
    await using t = await startTestOrchestra();
    await t.orchestra.agent(poet).invoke("a pond");
    expect(t.record()).toMatchObject({ finishReason: "stop" });
  });
});
