import { describe, expect, test } from "vitest";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";

const id = "Läufe/日本-😀 1";
const messages = [
  { role: "user" as const, content: "# Task\nWhen?\n\n# Archive\nIt was in 1871." },
];
const fallback = { provider: "openai", model: "gpt-4o-mini", override_params: { user: id } };
const viaPortkey = { PREFERRED_LLM_PROVIDER: "portkey" };

const ways = [
  ["OpenRouter", {}, 0],
  ["Portkey", viaPortkey, 0],
  ["Portkey's own fallbacks", { ...viaPortkey, PORTKEY_MODE: "gateway" }, 0],
  ["a fallback", {}, 1],
] as const;

describe("ids in any alphabet are sent to", () => {
  test.each(ways)("%s, by undici and by fetch", async (_, environment, failures) => {
    for (const own of [{}, { fetch }]) {
      await using t = await startTestOrchestra({
        ...own,
        environment: {
          ...environment,
          PORTKEY_FALLBACKS: JSON.stringify([fallback]),
          LLM_MAX_RETRIES: "0",
        },
      });
      if (failures > 0) t.sandbox.order({ fault: "status", status: 503, times: failures });
      const request = { messages, user: id, session_id: id, metadata: { id } };
      await t.orchestra.completions.create(request, { runId: id, step: id, agentType: id });
      await t.orchestra.chat("# Task\nWhen?\n\n# Archive\nIt was in 1871.", {
        user: id,
        configurable: { run_id: id, step: id },
      });
      expect(t.records.map(({ status, runId }) => [status, runId])).toEqual([
        ["succeeded", id],
        ["succeeded", id],
      ]);
    }
  });
});

test("what cannot be in a header is refused where it is given, before anything is sent", async () => {
  await using t = await startTestOrchestra();
  const { completions } = t.orchestra;
  const calls: readonly (readonly [unknown, string])[] = [
    [{ traceId: id }, "options.traceId must be 1 to 128 characters of printable ASCII"],
    [{ headers: { "X-User": id } }, 'the header "X-User" has a character outside printable ASCII'],
    [{ headers: { [id]: "x" } }, "is not a valid header name"],
  ];
  for (const [options, problem] of calls) {
    await expect(completions.create({ messages }, options as object)).rejects.toThrow(problem);
  }
  const configuration = { defaultHeaders: { "X-User": id } };
  expect(() => t.orchestra.modelFor("w", { configuration })).toThrow("printable ASCII");
  expect(() => t.orchestra.modelFor("w", { apiKey: id })).toThrow("outside ASCII");
  await expect(
    startTestOrchestra({
      environment: { OPENROUTER_API_KEY: id, OPENROUTER_HEADERS: `{"X-A":"${id}"}` },
    }),
  ).rejects.toThrow(/OPENROUTER_API_KEY has .*\n.*OPENROUTER_HEADERS "X-A" has a character/);
  expect(t.sandbox.books.entries).toHaveLength(0);
});
