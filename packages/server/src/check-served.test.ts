import { ArgumentError, Gateway } from "@orchestra/core/gateway";
import { describe, expect, test } from "vitest";
import { serve, type ServeOptions } from "./serve.ts";

const environment = { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789", LOG_LEVEL: "silent" };
const orchestra = new Gateway({ environment });
const agent = (name: string) => ({ role: { name }, invoke() {}, stream() {} });

describe("serve() says what is wrong with", () => {
  test.each([
    ["no options", undefined, "options is missing: expected an object"],
    [
      "nothing to serve",
      {},
      "options.orchestra is missing: expected an Orchestra or a Gateway, or a",
    ],
    ["an orchestra in its place", orchestra, "options.orchestra is missing: expected an Orchestra"],
    ["another name", { gateway: orchestra }, "options.orchestra is missing: expected an Orchestra"],
    ["another object", { orchestra: {} }, "options.orchestra is an object: expected an Orchestra"],
    [
      "a runtime that is not awaited",
      { orchestra, runtime: Promise.resolve({}) },
      "options.runtime is a promise, which needs an await: expected a runtime",
    ],
    ["a function for agents", { orchestra, agents: () => [] }, "options.agents is a function"],
    ["a role for an agent", { orchestra, agents: [{ name: "a" }] }, "options.agents[0] is an obj"],
    [
      "two agents of one role",
      { orchestra, agents: [agent("a"), agent("b"), agent("a")] },
      'options.agents[2] has the role "a" of another agent: expected a different role for each',
    ],
    ["tracing", { orchestra, tracing: true }, "options.tracing is true: expected what openTracing"],
  ])("%s", async (_, options, message) => {
    const starting = serve(options as unknown as ServeOptions);
    await expect(starting).rejects.toThrow(ArgumentError);
    await expect(starting).rejects.toThrow(`serve(): ${message}`);
  });
});
