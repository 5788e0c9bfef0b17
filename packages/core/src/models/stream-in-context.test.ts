import { AsyncLocalStorage } from "node:async_hooks";
import { CallbackManager } from "@langchain/core/callbacks/manager";
import { getContextVariable, setContextVariable } from "@langchain/core/context";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { describe, expect, test, vi } from "vitest";
import { streamInContext } from "./stream-in-context.ts";

AsyncLocalStorageProviderSingleton.initializeGlobalInstance(new AsyncLocalStorage());

/** Counts up, and notes what it runs in and how it ends. */
function counter(upTo: number) {
  const seen: unknown[] = [];
  let isLeft = false;
  async function* count(): AsyncGenerator<number> {
    try {
      for (let number = 1; number <= upTo; number += 1) {
        seen.push(getContextVariable("who"));
        yield number;
      }
    } finally {
      isLeft = true;
    }
  }
  return { chunks: count(), seen, isLeft: () => isLeft };
}

async function collect(stream: AsyncIterable<number>): Promise<number[]> {
  const chunks: number[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe("streamInContext", () => {
  test("gives every chunk, and makes the context once", async () => {
    const configure = vi.spyOn(CallbackManager, "_configureSync");
    const { chunks } = counter(20);
    expect(await collect(await streamInContext(chunks, {}))).toHaveLength(20);
    expect(configure).toHaveBeenCalledTimes(1);
  });

  test("produces every chunk in the context around the stream", async () => {
    const { chunks, seen } = counter(3);
    const stream = await AsyncLocalStorageProviderSingleton.runWithConfig({}, () => {
      setContextVariable("who", "me");
      return streamInContext(chunks, {});
    });
    await collect(stream);
    expect(seen).toEqual(["me", "me", "me"]);
  });

  test("rejects with what fails before the first chunk, and the reader gets what fails later", async () => {
    async function* fails(after: number): AsyncGenerator<number> {
      yield* counter(after).chunks;
      throw new Error("broken");
    }
    await expect(streamInContext(fails(0), {})).rejects.toThrow("broken");
    const stream = await streamInContext(fails(1), {});
    await expect(collect(stream)).rejects.toThrow("broken");
  });

  test("ends the chunks when the reader leaves", async () => {
    const { chunks, isLeft } = counter(20);
    for await (const _ of await streamInContext(chunks, {})) break;
    expect(isLeft()).toBe(true);
  });

  test("fails at an abort, even if the next chunk does not arrive", async () => {
    const caller = new AbortController();
    const { signal } = caller;
    async function* silent(): AsyncGenerator<number> {
      yield 1;
      await new Promise(() => undefined);
    }
    const reader = (await streamInContext(silent(), { signal })).getReader();
    expect(await reader.read()).toMatchObject({ value: 1 });
    const next = reader.read();
    const reason = new Error("the user left");
    caller.abort(reason);
    await expect(next).rejects.toBe(reason);
  });
});
