import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import type { Runtime } from "../runtime.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { startTestRuntime } from "../test-support/test-runtime.ts";
import { Position } from "./position.ts";
import type { RunEvent } from "./run-event.ts";

const State = Annotation.Root({ said: Annotation<string> });
const words = Array.from({ length: 60 }, (_, index) => `word${index}`).join(" ");

/** A step that streams an answer; `until` holds up its end. */
const streaming = (until: () => Promise<void> = async () => undefined) =>
  definePipeline({
    name: "streaming",
    create: ({ orchestra, checkpointer }) =>
      new StateGraph(State)
        .addNode("say", async (_, config) => {
          let said = "";
          const prompt = `# Question\nWhat is said?\n\n# Material\nIt is said that ${words}.`;
          for await (const { text } of await orchestra.model.stream(prompt, config)) said += text;
          await until();
          return { said };
        })
        .addEdge(START, "say")
        .addEdge("say", END)
        .compile({ checkpointer }),
  });

const sandbox = { latency: { firstTokenMs: 0, betweenTokensMs: 15, chunkCharacters: 8 } };

function textOf(events: readonly RunEvent[]): string {
  return events.flatMap((event) => (event.type === "text-delta" ? [event.text] : [])).join("");
}

async function rowsOf({ database: { query, schema } }: Runtime, table: string): Promise<number> {
  const [row] = await query<{ count: number }>(`SELECT count(*)::int FROM "${schema}".${table}`);
  return row!.count;
}

describeServerFirst("an answer that grows", (open) => {
  test("is read while it grows, and stored as one event when it has ended", async () => {
    await using t = await startTestRuntime({
      database: await open(),
      pipelines: [streaming()],
      sandbox,
    });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("streaming", {});
    const events = await Array.fromAsync(runtime.events(id));
    const { said } = (await runtime.get(id)).output as { said: string };
    expect(said).toContain("word59");
    expect(textOf(events)).toBe(said);
    const pieces = events.filter(({ type }) => type === "text-delta");
    expect(pieces.filter(({ number }) => number === undefined).length).toBeGreaterThan(1);
    expect(pieces.filter(({ number }) => number !== undefined)).toHaveLength(1);
    const numbers = events.flatMap(({ number }) => number ?? []);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    // Who comes later has it in one piece.
    const later = await Array.fromAsync(runtime.events(id));
    expect(later.map(({ number }) => number)).toEqual(numbers);
    expect(textOf(later)).toBe(said);
    expect(await rowsOf(runtime, "live")).toBe(0);
  });

  test("is read without gaps and duplicates by a reader that reconnects after each event", async () => {
    await using t = await startTestRuntime({
      database: await open(),
      pipelines: [streaming()],
      sandbox,
    });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("streaming", {});
    const events: RunEvent[] = [];
    for (let isOver = false; !isOver;) {
      isOver = true;
      for await (const event of runtime.events(id, { after: events.at(-1)?.cursor })) {
        events.push(event);
        isOver = false;
        break;
      }
    }
    expect(textOf(events)).toBe(((await runtime.get(id)).output as { said: string }).said);
    const numbers = events.flatMap(({ number }) => number ?? []);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test("takes as few writes to the run, however long it is", async () => {
    await using t = await startTestRuntime({
      database: await open(),
      pipelines: [streaming()],
      sandbox,
    });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("streaming", {});
    await runtime.wait(id);
    const { query, schema } = runtime.database;
    const [row] = await query<{ writes: number }>(
      `SELECT writes FROM "${schema}".runs WHERE id = $1`,
      [id],
    );
    expect(row!.writes).toBeLessThanOrEqual(8);
  });
});

test.each(["x", "1~", "1~e30", "-1", `1~${"A".repeat(9)}`])("%j is no cursor", (after) => {
  expect(() => new Position(after)).toThrow(
    /events\(\): options.after is not a cursor: expected the "cursor" of an event/,
  );
});
