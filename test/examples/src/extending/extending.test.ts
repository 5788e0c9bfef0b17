import { describe, expect, test } from "vitest";
import { runExample } from "../run-example.ts";
import { startTestOrchestra } from "../test-orchestra.ts";
import { pinModel } from "./pin-model.ts";

/** In the form of the configuration guide. */
const withFallbacks = {
  PORTKEY_FALLBACKS: JSON.stringify([
    { provider: "openai", model: "gpt-4o-mini" },
    { provider: "anthropic", model: "claude-3-haiku-20k" },
  ]),
};
const question = "# Task\nWhen was it built?\n\n# Archive\nThe lighthouse was built in 1871.";
const inRun = (run_id: string) => ({ configurable: { run_id } });

describe("pinModel", () => {
  test("keeps a run at the fallback that answered its first call", async () => {
    await using t = await startTestOrchestra({
      environment: { ...withFallbacks, LLM_MAX_RETRIES: "0" },
      policies: (defaults) => [pinModel(), ...defaults],
    });
    t.sandbox.order({ fault: "status", status: 503, route: "openrouter", times: 1 });
    await t.orchestra.model.invoke(question, inRun("a"));
    await t.orchestra.model.invoke(question, inRun("a"));
    await t.orchestra.model.invoke(question, inRun("b"));
    const models = t.records.map(({ attempts }) => attempts.map(({ model }) => model));
    expect(models).toEqual([["openai/gpt-4o", "gpt-4o-mini"], ["gpt-4o-mini"], ["openai/gpt-4o"]]);
  });

  test("keeps a run at the fallback whose stream came to its end", async () => {
    await using t = await startTestOrchestra({
      environment: { ...withFallbacks, LLM_MAX_RETRIES: "0" },
      policies: (defaults) => [pinModel(), ...defaults],
    });
    t.sandbox.order({ fault: "status", status: 503, route: "openrouter", times: 1 });
    for await (const _ of await t.orchestra.model.stream(question, inRun("a")));
    await t.orchestra.model.invoke(question, inRun("a"));
    expect(t.records.map(({ attempts }) => attempts.at(-1)?.model)).toEqual([
      "gpt-4o-mini",
      "gpt-4o-mini",
    ]);
  });

  test("tries the other models when the pinned one fails", async () => {
    await using t = await startTestOrchestra({
      environment: { ...withFallbacks, LLM_MAX_RETRIES: "0" },
      policies: (defaults) => [pinModel(), ...defaults],
    });
    t.sandbox.order({ fault: "status", status: 503, route: "openrouter", times: 1 });
    await t.orchestra.model.invoke(question, inRun("a"));
    t.sandbox.order({ fault: "status", status: 503, model: "gpt-4o-mini", times: 1 });
    await t.orchestra.model.invoke(question, inRun("a"));
    await t.orchestra.model.invoke(question, inRun("a"));
    const [, second, third] = t.records.map(({ attempts }) => attempts.map(({ model }) => model));
    expect(second).toEqual(["gpt-4o-mini", "openai/gpt-4o"]);
    expect(third).toEqual(["gpt-4o-mini"]);
  });

  test("lets a stream that starts again go to its next route", async () => {
    await using t = await startTestOrchestra({
      environment: { ...withFallbacks, LLM_MAX_RETRIES: "0", LLM_STREAM_RESTARTS: "1" },
      policies: (defaults) => [pinModel(), ...defaults],
    });
    t.sandbox.order({ fault: "status", status: 503, route: "openrouter", times: 1 });
    await t.orchestra.model.invoke(question, inRun("a"));
    t.sandbox.order({ fault: "cut", model: "gpt-4o-mini", times: 1 });
    for await (const _ of await t.orchestra.model.stream(question, inRun("a")));
    const models = t.records[1]?.attempts.map(({ model }) => model);
    expect(models).toEqual(["gpt-4o-mini", "claude-3-haiku-20k"]);
  });

  test("forgets the oldest runs", async () => {
    await using t = await startTestOrchestra({
      environment: { ...withFallbacks, LLM_MAX_RETRIES: "0" },
      policies: (defaults) => [pinModel({ maxRuns: 1 }), ...defaults],
    });
    t.sandbox.order({ fault: "status", status: 503, route: "openrouter", times: 1 });
    for (const run of ["a", "b", "a"]) await t.orchestra.model.invoke(question, inRun(run));
    expect(t.records.map(({ attempts }) => attempts.at(-1)?.model)).toEqual([
      "gpt-4o-mini",
      "openai/gpt-4o",
      "openai/gpt-4o",
    ]);
  });
});

describe("the examples of docs/extending.md", () => {
  test("use-pin-model", async () => {
    const { printed } = await runExample(() => import("./use-pin-model.ts"), {
      environment: { ...withFallbacks, LLM_MAX_RETRIES: "0" },
      before: (sandbox) =>
        sandbox.order({ fault: "status", status: 503, route: "openrouter", times: 1 }),
    });
    const [models = []] = printed;
    expect(models).toHaveLength(2);
    expect(models[0]).toContain("gpt-4o-mini");
    expect(models[1]).toBe(models[0]);
  });

  test("log-attempts sees each attempt", async () => {
    const { printed } = await runExample(() => import("./log-attempts.ts"), {
      before: (sandbox) => sandbox.order({ fault: "status", status: 503, times: 1 }),
    });
    expect(printed).toEqual([
      ["general", "openai/gpt-4o", 1],
      ["general", "openai/gpt-4o", 1],
    ]);
  });

  test.each([
    ["chat-model-fallback", () => import("./chat-model-fallback.ts")],
    ["own-server", () => import("./own-server.ts")],
  ])("%s answers from the role's own model", async (_, load) => {
    const { printed, sandbox } = await runExample(load);
    expect(printed).toEqual([[expect.stringMatching(/./)]]);
    expect(sandbox.books.entries).toHaveLength(1);
  });

  test("route-fields sends the fields of the entry that answers", async () => {
    const { sandbox } = await runExample(() => import("./route-fields.ts"), {
      before: (sandbox) =>
        sandbox.order(
          { fault: "status", status: 404, route: "openrouter" },
          { fault: "status", status: 503, model: "gpt-4o" },
        ),
    });
    const bodies = sandbox.books.entries.map(({ body }) => body as Record<string, unknown>);
    expect(bodies.at(-1)).toMatchObject({ model: "claude-sonnet-4-5", top_k: 40 });
    expect(bodies.find(({ model }) => model === "gpt-4o")).toMatchObject({ temperature: 0 });
  });

  test("use-own-limiter reports the waits", async () => {
    const { printed } = await runExample(() => import("./use-own-limiter.ts"));
    expect(printed).toEqual([[[expect.any(Number)]]]);
  });
});
