import { expect, test } from "vitest";
import { z } from "zod";
import { Orchestra } from "../orchestra.ts";
import { ArgumentError } from "./argument-error.ts";

const orchestra = new Orchestra({
  settings: { openRouterApiKey: "sk-or-v1-any", baseUrl: "http://127.0.0.1:9", logLevel: "silent" },
});
const agent = orchestra.agent({ name: "a", system: "s", input: z.object({ text: z.string() }) });
const chain = agent.pipe(orchestra.agent({ name: "b", system: "s" }));
const { model } = orchestra;
const wrong = { text: 5 } as never;
const version = "v2";

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

test.each<[string, () => Promise<unknown>]>([
  ["agent.invoke", () => agent.invoke(wrong)],
  ["agent.batch", () => agent.batch([wrong])],
  ["agent.stream", async () => readAll(await agent.stream(wrong))],
  ["agent.streamEvents", () => readAll(agent.streamEvents(wrong, { version }))],
  ["chain.invoke", () => chain.invoke(wrong)],
  ["chain.batch", () => chain.batch([wrong])],
  ["chain.batch of no list", async () => chain.batch(wrong)],
  ["chain.stream", async () => readAll(await chain.stream(wrong))],
  ["chain.streamEvents", () => readAll(chain.streamEvents(wrong, { version }))],
  ["model.batch", () => model.batch([5 as never])],
  ["model.batch with options", async () => model.batch(["x"], { timeout: "5" as never })],
  ["model.streamEvents", () => readAll(model.streamEvents(5 as never, { version }))],
])("the stack of a wrong argument has no frames of the packages: %s", async (name, call) => {
  const error: unknown = await call().catch((thrown: unknown) => thrown);
  expect(ArgumentError.isInstance(error)).toBe(true);
  const { stack = "", message } = error as ArgumentError;
  expect(stack).toMatch(/^ArgumentError: /);
  const frames = stack
    .slice(stack.indexOf(message) + message.length)
    .split("\n    at ")
    .slice(1);
  // What streams of events throw comes out of a generator that knows no caller.
  const first = frames[0] ?? (name.includes("streamEvents") ? "at-caller.test.ts" : "");
  expect(first).toContain("at-caller.test.ts");
  expect(frames.filter((frame) => /\/core\/src\/(?!errors\/at-caller\.test)/.test(frame))).toEqual(
    [],
  );
});
