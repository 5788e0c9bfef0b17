import { describe, expect, test } from "vitest";
import type { WireMessage } from "../completions/index.ts";
import { createJournal, type JournalEntry } from "../journal/index.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { ReplayMissError, replayJournal } from "./index.ts";

const messages = (text: string): WireMessage[] => [
  { role: "system", content: "Answer from the archive." },
  { role: "user", content: text },
];

/** What a run of two calls leaves, as `runtime.export()` gives it. */
async function recorded(texts: readonly string[]) {
  await using t = await startTestOrchestra();
  const journal: object[] = [];
  const store = createJournal({
    read: () => undefined,
    write: async ({ outline, ...entry }: JournalEntry, _, value) => {
      journal.push({ ...entry, outline: outline?.(), value });
    },
  });
  for (const text of texts) {
    await t.orchestra.completions.create(
      { messages: messages(text) },
      { agentType: "poet", journal: store, step: "write:1" },
    );
  }
  return JSON.parse(JSON.stringify({ format: 1, run: {}, journal })) as {
    format: number;
    journal: object[];
  };
}

describe("a replay", () => {
  test("returns the recorded answers, in the order of identical calls, without a request", async () => {
    const file = await recorded(["Say one", "Say one", "Say two"]);
    await using t = await startTestOrchestra();
    const journal = replayJournal(file);
    const ask = async (text: string) =>
      t.orchestra.completions.create(
        { messages: messages(text) },
        { agentType: "poet", journal, step: "write:another-task" },
      );
    const ids = [(await ask("Say one")).id, (await ask("Say two")).id];
    expect(journal.unused).toEqual(["call of poet in the step write"]);
    ids.push((await ask("Say one")).id);
    const [first, second, third] = file.journal.map(
      (entry) => (entry as { value: { completion: { id: string } } }).value.completion.id,
    );
    expect(ids).toEqual([first, third, second]);
    expect(journal.unused).toEqual([]);
    expect(t.sandbox.books.entries).toEqual([]);
    await expect(ask("Say one")).rejects.toThrow(/asked for before, and is recorded once less/);
  });

  test("names the nearest entry and what differs, and sends nothing", async () => {
    const file = await recorded(["Say one", "Say two"]);
    await using t = await startTestOrchestra();
    const journal = replayJournal(file);
    const asked = t.orchestra.completions.create(
      { messages: messages("Say tow"), temperature: 0.5 },
      { agentType: "poet", journal, step: "write:2" },
    );
    await expect(asked).rejects.toThrow(ReplayMissError);
    await expect(asked).rejects.toThrow(
      /no call of poet in the step write with this request\. The nearest is a call of poet in the step write: .*messages\[1\] was user \{"role":"user","content":"Say (one|two)"\} and is user \{"role":"user","content":"Say tow"\}.*temperature was absent and is 0\.5/,
    );
    const other = t.orchestra.completions.create(
      { messages: messages("Say one") },
      { agentType: "critic", journal, step: "judge:1" },
    );
    await expect(other).rejects.toThrow(
      /no call of critic in the step judge .*The nearest is a call of poet in the step write/,
    );
    expect(t.sandbox.books.entries).toEqual([]);
  });

  test.each([
    [
      { format: 2, journal: [] },
      "format 2, and this version reads up to 1. Update @orchestra/core",
    ],
    [{ format: "1", journal: [] }, "format"],
    [{ format: 1 }, "journal"],
    [{ format: 1, journal: [{ kind: "call" }] }, "step"],
    [
      { format: 1, journal: [{ kind: "call", step: "", name: "a", request: "b" }] },
      "value is missing",
    ],
    ["{}", "parsed file"],
    [null, "parsed file"],
  ])("refuses %j", (file, message) => {
    expect(() => replayJournal(file)).toThrow(message);
  });
});
