import { fork, type ChildProcess } from "node:child_process";
import { inject } from "vitest";
import type { Database } from "../../database/index.ts";

/** Output of `holder-process.ts` when it has its slot. */
export type Order = "stay" | "leave";

const file = new URL("holder-process.ts", import.meta.url);

/** Starts a process that takes a slot of an account, and reports it on standard output. */
export function startHolder({ schema }: Database, account: string, order: Order): ChildProcess {
  return fork(file, [inject("databaseUrl"), schema, account, order], {
    execArgv: ["--conditions=@orchestra/source"],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
}
