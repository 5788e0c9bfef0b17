import type { DatabaseBackend } from "@orchestra/runtime";
import { sumUsage } from "../usage.ts";
import type { BooksFacts } from "./books.ts";
import { recordsOf, repeatedCalls, savedCalls, type Story } from "./story.ts";

/** What happened to a run that is stored in a database. */
export interface DurableFacts {
  readonly runId: string;
  /** How often its process was killed. */
  readonly kills: number;
  /** How often a worker executed it. */
  readonly executions: number;
  /** All calls, including those whose process was killed. */
  readonly callsMade: number;
  /** Calls that were not repeated: a checkpoint or the journal had the answers. */
  readonly callsReplayed: number;
  /** Calls that were interrupted with their process, and repeated. */
  readonly repeatedCalls: number;
  /** Cost of the calls that were not repeated, in US dollars. */
  readonly savedUsd: number;
  /** Requests of these calls whose cost is unknown, and not in `savedUsd`. */
  readonly savedUnknownCostAttempts: number;
  /** Tokens of the calls that were not repeated: prompts and answers together. */
  readonly savedTokens: number;
  readonly database: DatabaseBackend;
  /** What the sandbox counted, if it answered. */
  readonly books?: BooksFacts | undefined;
  /** The command that shows the run's calls, steps and workers. */
  readonly trace: string;
  /** The command that continues the run, if it has not ended. */
  readonly resume?: string | undefined;
}

type Known = Pick<DurableFacts, "runId" | "kills" | "database" | "books" | "trace" | "resume">;

export function factsOf(story: Story, known: Known): DurableFacts {
  const saved = savedCalls(story);
  const usage = sumUsage(recordsOf(saved));
  const { runId, kills, database, books, trace, resume } = known;
  return {
    runId,
    kills,
    executions: story.execution,
    callsMade: story.calls.length,
    callsReplayed: saved.length,
    repeatedCalls: repeatedCalls(story).length,
    savedUsd: usage.costUsd,
    savedUnknownCostAttempts: usage.unknownCostAttempts,
    savedTokens: usage.promptTokens + usage.completionTokens,
    database,
    ...(books ? { books } : {}),
    trace,
    ...(resume === undefined ? {} : { resume }),
  };
}
