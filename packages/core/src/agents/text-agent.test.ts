import { randomUUID } from "node:crypto";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { defineRole } from "./define-role.ts";

const poet = { name: "poet", system: "You write haiku." } as const;
const haiku = "An old silent pond. A frog jumps into the pond. Splash! Silence again.";
const writes = (content: string) => ({ match: {}, response: { content } });

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const parts: T[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

describe("a role without schemas", () => {
  test("takes a text and gives a text, and sends no response format", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [writes(haiku)] } });
    const agent = t.orchestra.agent(poet);
    expectTypeOf(agent.invoke).parameter(0).toEqualTypeOf<string>();
    expectTypeOf(agent.invoke).returns.resolves.toEqualTypeOf<string>();

    expect(await agent.invoke("a pond")).toBe(haiku);
    const { body } = t.sandbox.books.entries[0] ?? {};
    expect(body).toMatchObject({
      messages: [
        { role: "system", content: "You write haiku." },
        { role: "user", content: "a pond" },
      ],
    });
    expect(body).not.toHaveProperty("response_format");
  });

  test("refuses an empty text before anything is sent", async () => {
    await using t = await startTestOrchestra();
    await expect(t.orchestra.agent(poet).invoke("")).rejects.toThrow("poet");
    expect(t.sandbox.books.entries).toEqual([]);
  });

  test("may have one schema of the two, a prompt, a check and a finish", async () => {
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [
          { match: { userMessage: "too short" }, response: { content: haiku } },
          writes("Splash!"),
        ],
      },
    });
    const agent = t.orchestra.agent({
      ...poet,
      input: z.object({ about: z.string() }),
      prompt: ({ about }) => `Write about ${about}.`,
      check: (text) => (text.length < 20 ? ["it is too short"] : []),
      finish: (text, { about }) => ({ about, lines: text.split(". ").length }),
    });
    expectTypeOf(agent.invoke).returns.resolves.toEqualTypeOf<{
      about: string;
      lines: number;
    }>();
    expect(await agent.invoke({ about: "a pond" })).toEqual({ about: "a pond", lines: 3 });
    expect(t.sandbox.books.entries).toHaveLength(2);
  });

  test("calls its tools", async () => {
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [
          { match: { hasToolResult: true }, response: { content: haiku } },
          {
            match: {},
            response: { toolCalls: [{ name: "look", arguments: '{"at":"pond"}' }] },
          },
        ],
      },
    });
    const look = tool(({ at }) => `The ${at} is old.`, {
      name: "look",
      description: "Looks",
      schema: z.object({ at: z.string() }),
    });
    expect(await t.orchestra.agent(poet, { tools: [look] }).invoke("a pond")).toBe(haiku);
    expect(t.records).toHaveLength(2);
  });
});

describe("an agent's stream", () => {
  test("is the text, in pieces, while it arrives", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [writes(haiku)] } });
    const parts = await collect(await t.orchestra.agent(poet).stream("a pond"));
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join("")).toBe(haiku);
    const ends = t.events.filter(({ type }) => type === "agent-end");
    expect(ends).toEqual([expect.objectContaining({ role: "poet", output: haiku })]);
    expect(t.records).toHaveLength(1);
    expect(t.record().runId).toBe((ends[0] as { runId: string }).runId);
  });

  test("is the growing object, and at the end the value that fits the schema", async () => {
    const content = '{"title":"Pond","lines":["An old silent pond","A frog jumps"]}';
    await using t = await startTestOrchestra({ sandbox: { fixtures: [writes(content)] } });
    const agent = t.orchestra.agent({
      ...poet,
      output: z.object({ title: z.string(), lines: z.array(z.string()) }),
    });
    const parts = await collect(await agent.stream("a pond"));
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.at(-1)).toEqual(JSON.parse(content));
  });

  test("ends with an error if a check refuses the text that was read", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [writes(haiku)] } });
    const agent = t.orchestra.agent({ ...poet, check: () => ["it does not rhyme"] });
    await expect(agent.stream("a pond").then(collect)).rejects.toThrow("it does not rhyme");
  });

  test("gives the output whole where code finishes it, and to the next step of a chain", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [writes(haiku)] } });
    const counted = t.orchestra.agent({ ...poet, finish: (text) => text.length });
    expect(await collect(await counted.stream("a pond"))).toEqual([haiku.length]);

    const lengths: number[] = [];
    const chain = t.orchestra.agent(poet).pipe(
      RunnableLambda.from((text: string) => {
        lengths.push(text.length);
        return text;
      }),
    );
    await collect(await chain.stream("a pond"));
    expect(lengths).toEqual([haiku.length]);
  });

  test("that its reader leaves is ended", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [writes(haiku)] } });
    t.sandbox.order({ fault: "stall", afterChunks: 2 });
    for await (const _ of await t.orchestra.agent(poet).stream("a pond")) break;
    await expect.poll(() => t.records.at(-1)?.status).toBe("aborted");
  });

  test("that breaks is not restarted, because the text would be read twice", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_STREAM_RESTARTS: "2" },
      sandbox: { fixtures: [writes(haiku)] },
    });
    t.sandbox.order({ fault: "truncated", times: 1 });
    await expect(t.orchestra.agent(poet).stream("a pond").then(collect)).rejects.toThrow(
      /broke|cut/,
    );
    expect(t.sandbox.books.entries).toHaveLength(1);
  });
});

test("LangChain's runId names the traced run of an agent, and not the run of its calls", async () => {
  await using t = await startTestOrchestra();
  const runId = randomUUID();
  const traced: unknown[] = [];
  const callbacks = [
    { handleChainStart: (...[, , id]: unknown[]) => void traced.push(id) },
    { handleChatModelStart: (...[, , , parent]: unknown[]) => void traced.push(parent) },
  ];
  const agent = t.orchestra.agent(poet);
  await agent.invoke("a pond", { runId, callbacks });
  await collect(await agent.stream("a pond", { runId, callbacks }));
  expect(traced).toEqual([runId, runId, runId, runId]);
  expect(t.records.map((record) => record.runId)).not.toContain(runId);
});

test("a definition and what defineRole() makes of it are the same role", async () => {
  await using t = await startTestOrchestra({ sandbox: { fixtures: [writes(haiku)] } });
  const role = defineRole(poet);
  expect(await t.orchestra.agent(role).invoke("a pond")).toBe(haiku);
  expect(() => t.orchestra.agent({ name: "poet" } as never)).toThrow(/system/);
  expect(() => t.orchestra.agent({ ...poet, output: 5 } as never)).toThrow(/output/);
});

test("a check that throws is asked once, costs one request, and is not blamed on the server", async () => {
  await using t = await startTestOrchestra({ sandbox: { fixtures: [writes(haiku)] } });
  const check = () => {
    throw new Error("my mistake");
  };
  const failure = t.orchestra.agent({ ...poet, check }).invoke("a pond");
  await expect(failure).rejects.toMatchObject({ code: "unknown_error" });
  await expect(failure).rejects.toThrow("The check of the answer threw: my mistake");
  expect(t.sandbox.books.entries).toHaveLength(1);
});

test.each(["invoke", "stream"] as const)("%s refuses a config that cannot work", async (method) => {
  await using t = await startTestOrchestra();
  const config = { signal: "no" } as never;
  await expect(t.orchestra.agent(poet)[method]("a pond", config)).rejects.toThrow(
    "config.signal is a text: expected an AbortSignal",
  );
});
