import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { MemoryJournal } from "../journal/index.ts";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { NoProgressError } from "../errors/index.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";

type Call = { readonly name: string; readonly arguments: string };

const search = (query: string): Call => ({ name: "search", arguments: JSON.stringify({ query }) });
const read: Call = { name: "read", arguments: "{}" };

/** An agent whose model makes these calls, one answer after the other, and then answers. */
async function start(
  answers: readonly (readonly Call[])[],
  result: () => string = () => "nothing",
) {
  const t = await startTestOrchestra({
    sandbox: {
      fixtures: [
        ...answers.map((toolCalls, sequenceIndex) => ({
          match: { sequenceIndex },
          response: { toolCalls: [...toolCalls] },
        })),
        { match: {}, response: { content: "The answer" } },
      ],
    },
  });
  const tools: StructuredToolInterface[] = [
    tool(result, {
      name: "search",
      description: "Searches",
      schema: z.object({ query: z.string() }),
    }),
    tool(result, { name: "read", description: "Reads", schema: z.object({}) }),
  ];
  const agent = t.orchestra.agent(
    { name: "finder", system: "You find.", maxToolRounds: 30 },
    { tools },
  );
  /** What the model was told in the last request. */
  const told = () => JSON.stringify(t.sandbox.books.entries.at(-1)?.body["messages"]);
  return { ...t, agent, told, [Symbol.asyncDispose]: () => t.sandbox.close() };
}

const times = <T>(count: number, ...values: readonly T[]): T[] =>
  Array.from({ length: count }, () => values).flat();

describe("an agent that repeats itself", () => {
  test("gets a notice with the third equal result in a row", async () => {
    await using t = await start(times(3, [search("x")]));
    expect(await t.agent.invoke("Find it")).toBe("The answer");
    const [, ...notices] = t.told().split("[You have called search 3 times in a row");
    expect(notices).toHaveLength(1);
  });

  test("ends with the fifth", async () => {
    await using t = await start(times(9, [search("x")]));
    const error: unknown = await t.agent.invoke("Find it").catch((thrown: unknown) => thrown);
    expect(NoProgressError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      code: "no_progress",
      role: "finder",
      calls: [{ tool: "search", arguments: '{"query":"x"}' }],
    });
    expect((error as Error).message).toContain('5 times in a row it called search({"query":"x"})');
    expect(t.sandbox.books.entries).toHaveLength(5);
  });

  test("ends where two calls alternate", async () => {
    await using t = await start(times(9, [search("x")], [read]));
    const error: unknown = await t.agent.invoke("Find it").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "no_progress",
      calls: [{ tool: "search" }, { tool: "read" }],
    });
    expect(t.sandbox.books.entries).toHaveLength(10);
    expect(t.told()).toContain("search and read 3 times in a row");
  });

  test("ends where three calls take turns", async () => {
    await using t = await start(times(6, [search("x")], [read], [search("y")]));
    await expect(t.agent.invoke("Find it")).rejects.toThrow("5 times in a row it called");
    expect(t.sandbox.books.entries).toHaveLength(15);
  });

  test("ends where the same calls are made at once, again and again", async () => {
    await using t = await start(times(9, [search("x"), search("y"), read]));
    await expect(t.agent.invoke("Find it")).rejects.toThrow("5 times in a row");
    expect(t.sandbox.books.entries).toHaveLength(5);
  });

  test("ends if the tool fails with the same error each time", async () => {
    const closed = new Error("The archive is closed");
    await using t = await start(times(9, [search("x")]), () => {
      throw closed;
    });
    await expect(t.agent.invoke("Find it")).rejects.toThrow("makes no progress");
    expect(t.told()).toContain("The archive is closed");
    expect(t.told()).toContain("3 times in a row");
  });

  test("gets no notice if arguments, results or other calls of the turn differ", async () => {
    let count = 0;
    const queries = Array.from({ length: 8 }, (_, index) => [search(`x${index}`)]);
    const beside = Array.from({ length: 8 }, (_, index) => [read, search(`x${index}`)]);
    const cases = [
      await start(queries),
      await start(beside),
      await start(times(8, [search("x")]), () => `result ${(count += 1)}`),
      await start(times(2, [search("x")], [search("x")], [read])),
    ];
    for (const t of cases) {
      await using each = t;
      expect(await each.agent.invoke("Find it")).toBe("The answer");
      expect(each.told()).not.toContain("in a row");
    }
  });

  test("counts equal calls in one answer as one round, and each invocation for itself", async () => {
    const answers = times(2, times(4, search("x")));
    await using t = await start(answers);
    expect(await t.agent.invoke("Find it")).toBe("The answer");
    expect(t.told()).not.toContain("in a row");
    expect(await t.agent.invoke("Find it")).toBe("The answer");
  });

  test("hides secrets and shortens arguments in the error", async () => {
    const secret = `sk-or-v1-${"0123456789abcdef".repeat(4)}`;
    await using t = await start(times(9, [search(`${secret} ${"long ".repeat(1000)}`)]));
    const error = (await t.agent.invoke("Find it").catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toContain("makes no progress");
    expect(error.message).not.toContain("0123456789abcdef");
    expect(error.message.length).toBeLessThan(1000);
  });

  test("gets the same notice when its calls come from the journal", async () => {
    await using t = await start(times(3, [search("x")]));
    const journal = new MemoryJournal();
    const run = (entries: MemoryJournal) =>
      t.agent.invoke("Find it", { configurable: { run_id: "r", step: "s", journal: entries } });
    await run(journal);
    const before = t.sandbox.books.entries.length;
    expect(await run(journal.again())).toBe("The answer");
    expect(t.sandbox.books.entries).toHaveLength(before);
  });
});
