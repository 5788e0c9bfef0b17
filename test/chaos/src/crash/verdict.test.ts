import type { Run, RunEvent } from "@orchestra/runtime";
import { expect, test } from "vitest";
import { shapes } from "./shapes.ts";
import { problemsOf, type Evidence } from "./verdict.ts";

const { fork, revise } = shapes("http://127.0.0.1:1/");

const usage = { calls: 1, promptTokens: 40, completionTokens: 8 };

const origin = { id: "a", output: { drawn: "x" } } as unknown as Run;

/** A correct fork. */
const output = {
  said: "In 1871.",
  drawn: "x",
  told: "x forked In 1871.",
  answer: "forked",
  turns: ["35 m", "No one knows"],
};
const run = { id: "b", status: "succeeded", output, lastEvent: 1, usage } as unknown as Run;
const good: Evidence = {
  run,
  later: run,
  events: [{ type: "run-end", number: 1 } as unknown as RunEvent],
  answered: [{ promptTokens: 40, completionTokens: 8, body: { content: "Who built it?" } }],
  effects: 0,
  origin,
  originLater: origin,
};

const kindsOf = (evidence: Evidence, shape = fork) =>
  problemsOf(evidence, shape, "cut").map(({ kind }) => kind);

const withOutput = (changes: object): Evidence => {
  const changed = { ...run, output: { ...output, ...changes } };
  return { ...good, run: changed, later: changed };
};

test("a correct fork has no problem", () => {
  expect(kindsOf(good)).toEqual([]);
});

test("a fork that repeats a call of its origin is reported as doubled", () => {
  const [answer] = good.answered;
  const again = { ...answer!, body: { messages: [{ content: "# Question\nHow high is it?" }] } };
  expect(kindsOf({ ...good, answered: [again] })).toEqual(["doubled"]);
});

test("reports an answer without a cost record, unless the lease of its worker had expired", () => {
  const [answer] = good.answered;
  const twice = { ...good, answered: [answer!, answer!] };
  expect(kindsOf(twice)).toEqual(["books"]);
  const lost = { type: "run-lost", number: 1 } as unknown as RunEvent;
  const ended = { type: "run-end", number: 2 } as unknown as RunEvent;
  const both = { ...run, lastEvent: 2 };
  expect(kindsOf({ ...twice, run: both, later: both, events: [lost, ended] })).toEqual([]);
});

test.each([
  ["has drawn again what its origin has", withOutput({ drawn: "y", told: "y forked In 1871." })],
  ["goes on with its origin's input", withOutput({ answer: "", told: "x  In 1871." })],
  ["has not done its step", withOutput({ turns: [] })],
  ["changes its origin", { ...good, originLater: { ...origin, status: "running" as const } }],
])("reports a fork that %s as mixed", (_, evidence) => {
  expect(kindsOf(evidence)).toEqual(["mixed"]);
});

test.each([0, 2])("findings that were sent back %i times, not once, are mixed", (revisions) => {
  const sent = { ...run, output: { answer: "In 1871", revisions }, usage: { ...usage, calls: 6 } };
  const evidence = { ...good, run: sent as Run, later: sent as Run, effects: 1 };
  expect(kindsOf(evidence, revise)).toEqual(["mixed"]);
});
