import { specTest } from "@langchain/langgraph-checkpoint-validation";
import * as vitest from "vitest";
import type { Database } from "../database/index.ts";
import type { OpenTestDatabase } from "./databases.ts";
import { openSaver } from "./open-saver.ts";

/**
 * LangGraph's own suite for checkpointers.
 *
 * @param methods - Those to test, by default all.
 */
export function checkSaver(
  checkpointerName: string,
  open: OpenTestDatabase,
  methods?: Parameters<typeof specTest>[1],
): void {
  // It looks for its test functions among the globals, where Jest puts them.
  const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } = vitest;
  const names = { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test };
  Object.assign(globalThis, names);
  let database: Database;
  const initializer: Parameters<typeof specTest>[0] = {
    checkpointerName,
    createCheckpointer: async () => {
      database = await open();
      return openSaver(database);
    },
    destroyCheckpointer: () => database.close(),
  };
  specTest(initializer, methods);
}
