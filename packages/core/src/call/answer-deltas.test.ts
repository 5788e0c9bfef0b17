import { describe, expect, test } from "vitest";
import { z } from "zod";
import { OutputSchema, TextAnswer } from "../completions/schemas/index.ts";
import type { CallEvent } from "../usage/events.ts";
import { answerDeltas } from "./answer-deltas.ts";

const schema = new OutputSchema(z.object({ title: z.string(), lines: z.array(z.string()) }));
const answer = '{"title":"Pond","lines":["An old pond","A frog jumps"]}';

function deltasOf(pieces: readonly string[], outputSchema?: OutputSchema) {
  const events: CallEvent[] = [];
  const take = answerDeltas(1, outputSchema, (event) => events.push(event));
  for (const piece of pieces) take(piece);
  return events;
}

const partials = (events: readonly CallEvent[]) =>
  events.flatMap((event) => (event.type === "object-delta" ? [event.partial] : []));
const texts = (events: readonly CallEvent[]) =>
  events.flatMap((event) => (event.type === "text-delta" ? [event.text] : []));

describe("the events of an answer as it comes", () => {
  test.each([
    ["without a schema", undefined],
    ["of a role that answers in text", new TextAnswer()],
  ])("are its text: %s", (_, outputSchema) => {
    expect(texts(deltasOf(['{"a"', ": 1}"], outputSchema))).toEqual(['{"a"', ": 1}"]);
  });

  test("are the growing object, with an output schema", () => {
    const events = deltasOf(answer.split(""), schema);
    expect(texts(events)).toEqual([]);
    expect(partials(events)[0]).toEqual({});
    expect(partials(events)).toContainEqual({ title: "Po" });
    expect(partials(events)).toContainEqual({ title: "Pond", lines: ["An old pond", "A frog j"] });
    expect(partials(events).at(-1)).toMatchObject({ lines: ["An old pond", expect.any(String)] });
  });

  test.each(["```json\n", "\n ", "```\n"])("find the object after %j", (before) => {
    expect(partials(deltasOf(`${before}${answer}`.split(""), schema)).at(-1)).toMatchObject({
      title: "Pond",
    });
  });

  test("are text for answers without JSON, and for text of messages with tool calls", () => {
    expect(texts(deltasOf(["Let me ", "search."], schema))).toEqual(["Let me ", "search."]);
    expect(texts(deltasOf(["``", "`ts\n", "x"], schema))).toEqual(["```ts\n", "x"]);
  });

  test("are few, where the answer is long", () => {
    const long = JSON.stringify({ title: "x".repeat(100_000), lines: [] });
    expect(deltasOf(long.split(""), schema).length).toBeLessThan(250);
  });

  // To parse 15 million characters would hold up the event loop.
  test("are none beyond the beginning of a very long answer", () => {
    const list = `[${"1,".repeat(2 ** 20)}1]`;
    expect(deltasOf([list], schema)).toEqual([]);
    const pieces = [list.slice(0, 1000), list.slice(1000)];
    expect(partials(deltasOf(pieces, schema))).toHaveLength(1);
  });
});
