import { Command, MemorySaver } from "@langchain/langgraph";
import { Orchestra } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";
import { afterAll, beforeEach, expect, test } from "vitest";
import { report } from "./report.ts";

// A fixture answers the requests that match it. A part of the system prompt selects the role.
const answers = {
  "proposal or a note": '{"topic":"proposal"}', // an answer with a schema is JSON
  "one advantage": "It is faster.",
  "one risk": "It costs more.",
};
const sandbox = await startSandbox({
  fixtures: Object.entries(answers).map(([systemMessage, content]) => ({
    match: { systemMessage },
    response: { content },
  })),
});
const orchestra = new Orchestra({
  settings: {
    openRouterApiKey: "sk-or-v1-any",
    baseUrl: sandbox.url,
    retryDelayMs: 1,
    logLevel: "silent",
  },
});
const graph = await report.create({ orchestra, checkpointer: new MemorySaver() });

beforeEach(() => sandbox.reset()); // forgets the requests and the faults
afterAll(() => sandbox.close());

test("asks a person before it ends", async () => {
  const config = { configurable: { thread_id: "asks" } };
  const { __interrupt__: questions } = await graph.invoke({ text: "Let us fly." }, config);
  expect(questions[0].value).toEqual({
    question: "Accept it?",
    advantage: "It is faster.",
    risk: "It costs more.",
  });

  const output = await graph.invoke(new Command({ resume: "yes" }), config);
  expect(output.report).toBe("yes: It is faster. It costs more.");
  expect(sandbox.books.totals().requests).toBe(3);
});

test("tries again if a model is down", async () => {
  sandbox.order({ fault: "status", status: 503, times: 2 });
  await graph.invoke({ text: "Let us fly." }, { configurable: { thread_id: "retries" } });
  expect(sandbox.books.totals()).toMatchObject({ succeeded: 3, refused: 2 });
});
