import { inspect } from "node:util";
import { Orchestra } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";
import { describe, expect, test } from "vitest";

const failing = { defaultModel: "sandbox/status-503", maxRetries: 1, retryDelayMs: 0 };

describe("a failed call that is not caught shows the caller's line, and its message once", () => {
  test.each([
    ["after its requests", failing, "PORTKEY_FALLBACKS (in code: settings.fallbacks)"],
    ["of an unknown model", { defaultModel: "openai/gpt-4o-mimi" }, "Nearest: "],
    ["before its first one", { budgetUsdPerRun: 0.00001 }, "The run's budget"],
  ])("%s", async (_, settings, message) => {
    await using sandbox = await startSandbox();
    const orchestra = new Orchestra({
      settings: {
        openRouterApiKey: "sk-or-v1-any",
        baseUrl: sandbox.url,
        logLevel: "silent",
        ...settings,
      },
    });
    const agent = orchestra.agent({ name: "poet", system: "You write." });
    const calls: readonly (() => Promise<unknown>)[] = [
      () => orchestra.chat("Hi"),
      () => agent.invoke("Hi"),
      () => agent.pipe(agent).invoke("Hi"),
      () => orchestra.completions.create({ messages: [{ role: "user", content: "Hi" }] }),
      async () => {
        for await (const _chunk of await orchestra.model.stream("Hi"));
      },
    ];
    for (const call of calls) {
      const made = async () => await call();
      const error: unknown = await made().catch((thrown: unknown) => thrown);
      const shown = inspect(error, { customInspect: false });
      expect(shown).toContain("stack-of-failed-call.test.ts:");
      expect(shown.split(message)).toHaveLength(2);
      expect((error as Error).stack).not.toContain("/core/src/");
    }
  });
});
