import { emptyCheckpoint, type PendingWrite } from "@langchain/langgraph-checkpoint";
import { expect, test } from "vitest";
import { describeServerFirst, openOnServer } from "../test-support/databases.ts";
import { checkSaver } from "../test-support/saver-suite.ts";
import { openSaver } from "../test-support/open-saver.ts";

// Hundreds of ways to list, and all on PGlite: durable-saver.long.test.ts.
checkSaver("postgres", openOnServer, ["put", "putWrites", "getTuple", "deleteThread"]);

describeServerFirst("the saver as it is wired", (open) => {
  test("keeps the later of two writes in one place, where such are replaced", async () => {
    await using own = await open();
    const saver = await openSaver(own);
    const thread = { thread_id: "t", checkpoint_ns: "" };
    const config = await saver.put(
      { configurable: thread },
      emptyCheckpoint(),
      { source: "input", step: -1, parents: {} },
      {},
    );
    const writes: PendingWrite[] = [
      ["__resume__", ["first"]],
      ["__resume__", ["first", "second"]],
    ];
    await saver.putWrites(config, writes, "task");
    expect((await saver.getTuple({ configurable: thread }))?.pendingWrites).toEqual([
      ["task", "__resume__", ["first", "second"]],
    ]);
  });

  test.each([undefined, "", "a\u0000b", "\ud800", "x".repeat(257)])(
    "refuses a thread_id that cannot be stored: %j",
    async (thread_id) => {
      await using own = await open();
      const saver = await openSaver(own);
      const config = { configurable: { thread_id, checkpoint_ns: "", checkpoint_id: "c" } };
      const metadata = { source: "input", step: -1, parents: {} } as const;
      for (const call of [
        () => saver.put(config as never, emptyCheckpoint(), metadata, {}),
        () => saver.putWrites(config as never, [["channel", 1]], "task"),
        () => saver.deleteThread(thread_id as never),
        ...(thread_id === undefined ? [] : [() => saver.getTuple(config)]),
      ]) {
        await expect(call()).rejects.toThrow(/^The checkpointer: thread_id /);
      }
    },
  );
});
