import {
  AIMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type UsageMetadata,
} from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MemoryJournal, type Journal, type JournalEntry } from "../journal/index.ts";
import { startTestOrchestra, type TestOrchestra } from "../test-support/test-orchestra.ts";

const material = [
  new SystemMessage("Answer from the archive."),
  new HumanMessage(
    "# Task\n\nWhen was the lighthouse of Vell built?\n\n# Archive\n\nThe lighthouse of Vell was built in 1871. It is painted green.",
  ),
];

/** What a run hands down, as the runtime does it. */
const inRun = (journal: Journal, rest: object = {}) => ({
  configurable: { run_id: "run-1", journal, ...rest },
});

/** Reads a live stream to its end: its texts, and the message that they make. */
async function read(t: TestOrchestra, config: object) {
  const texts: string[] = [];
  let restarts = 0;
  let usage: unknown;
  for await (const chunk of await t.orchestra.model.stream(material, config)) {
    if (chunk.text !== "") texts.push(chunk.text);
    if (chunk.response_metadata["restart"] !== undefined) restarts += 1;
    usage = chunk.usage_metadata ?? usage;
  }
  return { texts, text: texts.join(""), restarts, usage };
}

const tool = {
  type: "function",
  function: {
    name: "search",
    description: "Searches the archive",
    parameters: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
  },
};

describe("a call that is in the journal", () => {
  test("is answered from it: no request, no admission, no line in the ledger", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_REQUESTS_PER_MINUTE: "60" },
    });
    const journal = new MemoryJournal();
    const first = await t.orchestra.chat(material, inRun(journal));
    const spent = t.orchestra.ledger.total;
    const { remaining } = await t.orchestra.account.limiter.state();
    const again = await t.orchestra.chat(material, inRun(journal.again()));

    expect(again.text).toBe(first.text);
    expect(t.sandbox.books.entries).toHaveLength(1);
    expect(t.orchestra.ledger.total).toEqual(spent);
    expect(remaining).toBe(59);
    expect((await t.orchestra.account.limiter.state()).remaining).toBe(59);
    expect(t.records).toHaveLength(1);
  });

  test("is an event with the record of the call that was made, for all listeners", async () => {
    await using t = await startTestOrchestra();
    const journal = new MemoryJournal();
    await t.orchestra.chat(material, inRun(journal));
    t.events.length = 0;
    const heard: unknown[] = [];
    const on_event = (event: unknown) => heard.push(event);
    await t.orchestra.chat(material, inRun(journal.again(), { on_event }));

    const record = t.record();
    const replay = { type: "call-replay", runId: "run-1", callId: record.id, role: "general" };
    expect(t.events).toEqual([
      { ...replay, record: JSON.parse(JSON.stringify(record)) as unknown },
    ]);
    expect(heard).toEqual(t.events);
  });

  test("looks to callbacks like any other, with its usage", async () => {
    await using t = await startTestOrchestra();
    const ended: LLMResult[] = [];
    const callbacks = [{ handleLLMEnd: (output: LLMResult) => void ended.push(output) }];
    const journal = new MemoryJournal();
    const first = await t.orchestra.model.invoke(material, { ...inRun(journal), callbacks });
    const again = await t.orchestra.model.invoke(material, {
      ...inRun(journal.again()),
      callbacks,
    });

    const { total_tokens } = first.usage_metadata as unknown as UsageMetadata;
    expect(total_tokens).toBeGreaterThan(0);
    const { content, usage_metadata, response_metadata, id } = first;
    expect(again).toMatchObject({ content, usage_metadata, response_metadata, id });
    const told = ended.map(({ generations, llmOutput }) => ({
      tokens: llmOutput?.["tokenUsage"] as unknown,
      info: generations[0]?.[0]?.generationInfo,
      text: generations[0]?.[0]?.text,
    }));
    expect(told[0]?.tokens).toMatchObject({ totalTokens: total_tokens });
    expect(told[1]).toEqual(told[0]);
  });

  test("brings its tool calls, under the ids that the model gave them", async () => {
    await using t = await startTestOrchestra();
    const journal = new MemoryJournal();
    const model = t.orchestra.modelFor("researcher").bindTools([tool]);
    const question = "# Task\n\nWhen was the lighthouse of Vell built?";
    const first = await model.invoke(question, inRun(journal));
    const again = await model.invoke(question, inRun(journal.again()));
    expect(first.tool_calls).toMatchObject([{ name: "search", id: expect.any(String) }]);
    expect(again.tool_calls).toEqual(first.tool_calls);
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("keeps the shape of a structured answer", async () => {
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [{ match: { userMessage: /./ }, response: { content: '{"year":1871}' } }],
      },
    });
    const journal = new MemoryJournal();
    const model = t.orchestra.model.withStructuredOutput(z.object({ year: z.int() }));
    expect(await model.invoke(material, inRun(journal))).toEqual({ year: 1871 });
    expect(await model.invoke(material, inRun(journal.again()))).toEqual({ year: 1871 });
    expect(t.sandbox.books.entries).toHaveLength(1);
  });
});

describe("a stream that is in the journal", () => {
  test("is streamed the first time, and then returned as one chunk with the whole answer", async () => {
    await using t = await startTestOrchestra();
    const journal = new MemoryJournal();
    const first = await read(t, inRun(journal));
    const again = await read(t, inRun(journal.again()));
    expect(first.texts.length).toBeGreaterThan(1);
    expect(again).toEqual({ ...first, texts: [first.text] });
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("has the same entry as a call that is not streamed, in both directions", async () => {
    await using t = await startTestOrchestra();
    const journal = new MemoryJournal();
    const { text } = await read(t, inRun(journal));
    const whole = await t.orchestra.model.invoke(material, inRun(journal.again()));
    expect(whole.text).toBe(text);
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("is whole and in its shape for a model that answers in one piece", async () => {
    await using t = await startTestOrchestra();
    const model = t.orchestra.modelFor("researcher").with({ delivery: "buffered" });
    const journal = new MemoryJournal();
    const texts: string[] = [];
    for (const execution of [journal, journal.again()]) {
      let text = "";
      for await (const chunk of await model.stream(material, inRun(execution))) text += chunk.text;
      texts.push(text);
    }
    expect(texts[0]).toContain("1871");
    expect(texts[1]).toBe(texts[0]);
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("holds only what came after the last restart", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_STREAM_RESTARTS: "1" } });
    t.sandbox.order({ fault: "cut", times: 1 });
    const journal = new MemoryJournal();
    const first = await read(t, inRun(journal));
    const again = await read(t, inRun(journal.again()));
    expect([first.restarts, again.restarts]).toEqual([1, 0]);
    expect(again.text).toContain("1871");
    expect(first.text.endsWith(again.text)).toBe(true);
    expect(first.text.length).toBeGreaterThan(again.text.length);
    expect(t.sandbox.books.entries).toHaveLength(2);
  });
});

describe("nothing is kept", () => {
  test("of a call that failed: it is made again", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "status", status: 401, times: 1 });
    const journal = new MemoryJournal();
    await expect(t.orchestra.chat(material, inRun(journal))).rejects.toMatchObject({
      code: "authentication_error",
    });
    expect(journal.size).toBe(0);
    await t.orchestra.chat(material, inRun(journal.again()));
    expect(t.sandbox.books.entries).toHaveLength(2);
  });

  test("of a call whose caller aborted it", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "hang", times: 1 });
    const journal = new MemoryJournal();
    const caller = new AbortController();
    const call = t.orchestra.chat(material, { ...inRun(journal), signal: caller.signal });
    await expect.poll(() => t.sandbox.books.entries.length).toBe(1);
    const reason = new Error("changed my mind");
    caller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(journal.size).toBe(0);
    expect(t.record().status).toBe("aborted");
  });

  test("of a stream that its reader left", async () => {
    await using t = await startTestOrchestra();
    const journal = new MemoryJournal();
    for await (const chunk of await t.orchestra.model.stream(material, inRun(journal))) {
      if (chunk.text !== "") break;
    }
    await expect.poll(() => t.records.map(({ status }) => status)).toEqual(["aborted"]);
    expect(journal.size).toBe(0);
  });

  test("of a stream that broke, and its reader gets the failure as it came", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "cut", times: 1 });
    const journal = new MemoryJournal();
    await expect(read(t, inRun(journal))).rejects.toMatchObject({ code: "stream_interrupted" });
    expect(journal.size).toBe(0);
  });

  test("where the journal itself fails: the call fails with it", async () => {
    await using t = await startTestOrchestra();
    const full = new Error("disk full");
    const slot = { fill: () => Promise.reject(full), release: () => undefined };
    const journal: Journal = { claim: async () => ({ isStored: false, slot }) };
    await expect(t.orchestra.chat(material, inRun(journal))).rejects.toBe(full);
    await expect(read(t, inRun(journal))).rejects.toBe(full);
  });
});

describe("the entry of a call", () => {
  /** The entries that calls ask for. */
  async function entriesOf(
    calls: readonly ((t: TestOrchestra, journal: Journal) => Promise<unknown>)[],
  ): Promise<JournalEntry[]> {
    await using t = await startTestOrchestra();
    const entries: JournalEntry[] = [];
    const journal: Journal = {
      claim(entry) {
        entries.push(entry);
        return new MemoryJournal().claim(entry);
      },
    };
    for (const call of calls) await call(t, journal);
    return entries;
  }

  test("has its role and its step, and a hash for the request", async () => {
    const [outside, given, inNode] = await entriesOf([
      (t, journal) => t.orchestra.chat(material, { ...inRun(journal), agent_type: "validator" }),
      (t, journal) => t.orchestra.chat(material, inRun(journal, { step: "research:1" })),
      (t, journal) =>
        t.orchestra.chat(material, inRun(journal, { checkpoint_ns: "ask:7|deeper:8" })),
    ]);
    const request = expect.stringMatching(/^[\da-f]{64}$/) as string;
    expect(outside).toEqual({
      kind: "call",
      step: "",
      name: "validator",
      request,
      outline: expect.any(Function),
    });
    expect(given).toMatchObject({ name: "general", step: "research:1" });
    expect(inNode).toMatchObject({ step: "ask:7" });
  });

  test("does not depend on values that are random each time", async () => {
    const conversation = (ids: readonly [string, string, string]) => [
      new HumanMessage({ id: ids[0], content: "When?" }),
      new AIMessage({
        id: ids[1],
        content: "",
        tool_calls: [{ name: "search", args: { query: "x" }, id: "call-1" }],
        response_metadata: { at: ids[1] },
      }),
      new ToolMessage({ id: ids[2], content: "1871", tool_call_id: "call-1" }),
    ];
    const noise = (name: string) => ({
      runName: name,
      tags: [name],
      metadata: { name },
      writer: () => name,
      executionInfo: { runId: name },
      durability: name,
    });
    const [one, other] = await entriesOf([
      (t, journal) =>
        t.orchestra.chat(conversation(["a", "b", "c"]), { ...inRun(journal), ...noise("one") }),
      (t, journal) =>
        t.orchestra.chat(conversation(["d", "e", "f"]), { ...inRun(journal), ...noise("other") }),
    ]);
    expect({ ...other, outline: other?.outline?.() }).toEqual({
      ...one,
      outline: one?.outline?.(),
    });
  });

  test("depends on all that is asked", async () => {
    const says = (content: string) => new HumanMessage(content);
    const calls = (id: string) =>
      new AIMessage({ content: "", tool_calls: [{ name: "search", args: {}, id }] });
    const answered = (id: string, content: string) =>
      new ToolMessage({ content, tool_call_id: id });
    const entries = await entriesOf([
      (t, journal) => t.orchestra.chat([says("one")], inRun(journal)),
      (t, journal) => t.orchestra.chat([says("two")], inRun(journal)),
      (t, journal) => t.orchestra.chat([new SystemMessage("one")], inRun(journal)),
      (t, journal) =>
        t.orchestra.chat([says("one"), calls("a"), answered("a", "1")], inRun(journal)),
      (t, journal) =>
        t.orchestra.chat([says("one"), calls("b"), answered("b", "1")], inRun(journal)),
      (t, journal) =>
        t.orchestra.chat([says("one"), calls("a"), answered("a", "2")], inRun(journal)),
      (t, journal) => t.orchestra.chat([says("one")], { ...inRun(journal), stop: ["."] }),
      (t, journal) => t.orchestra.model.bindTools([tool]).invoke([says("one")], inRun(journal)),
      (t, journal) =>
        t.orchestra
          .modelFor("general", { model: "openai/gpt-4o-mini" })
          .invoke([says("one")], inRun(journal)),
      (t, journal) =>
        t.orchestra.modelFor("general", { temperature: 1 }).invoke([says("one")], inRun(journal)),
      (t, journal) =>
        t.orchestra.modelFor("general", { maxTokens: 9 }).invoke([says("one")], inRun(journal)),
    ]);
    expect(new Set(entries.map(({ request }) => request)).size).toBe(entries.length);
  });
});

describe("identical calls of one step", () => {
  test("are separate entries, in their order", async () => {
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [
          { match: { userMessage: "Roll", sequenceIndex: 0 }, response: { content: "one" } },
          { match: { userMessage: "Roll", sequenceIndex: 1 }, response: { content: "two" } },
        ],
      },
    });
    const roll = async (journal: Journal) => (await t.orchestra.chat("Roll", inRun(journal))).text;
    const journal = new MemoryJournal();
    const first = [await roll(journal), await roll(journal)];
    const execution = journal.again();
    expect([await roll(execution), await roll(execution)]).toEqual(first);
    expect(first).toEqual(["one", "two"]);
    expect(t.sandbox.books.entries).toHaveLength(2);
  });

  test("that are joined in flight are each kept", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_COALESCE: "true" },
      sandbox: { latency: { firstTokenMs: 30 } },
    });
    const ask = (journal: Journal) =>
      Promise.all([1, 2].map(() => t.orchestra.chat(material, inRun(journal))));
    const journal = new MemoryJournal();
    const first = await ask(journal);
    expect([t.sandbox.books.entries.length, journal.size]).toEqual([1, 2]);
    const again = await ask(journal.again());
    expect(again.map(({ text }) => text)).toEqual(first.map(({ text }) => text));
    expect(t.sandbox.books.entries).toHaveLength(1);
    const replays = t.events.filter(({ type }) => type === "call-replay");
    expect(new Set(replays.map((event) => "callId" in event && event.callId)).size).toBe(1);
    expect(replays).toHaveLength(2);
  });
});

describe.each([null, undefined, "no"])("a journal that throws %o", (thrown) => {
  const fail = () => Promise.reject(thrown);
  const failing: readonly [string, Journal][] = [
    ["when it is read", { claim: fail }],
    [
      "when it is written",
      {
        claim: async () => ({
          isStored: false,
          occurrence: 1,
          slot: { fill: fail, release: () => undefined },
        }),
      },
    ],
  ];

  test.each(failing)("%s is named, whole and streamed", async (_, journal) => {
    await using t = await startTestOrchestra();
    await expect(t.orchestra.chat(material, inRun(journal))).rejects.toThrow("The journal failed");
    await expect(read(t, inRun(journal))).rejects.toThrow("The journal failed");
  });
});
