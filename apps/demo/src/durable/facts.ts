import type { DatabaseBackend } from "@orchestra/runtime";
import { sumUsage } from "../usage.ts";
import type { BooksFacts } from "./books.ts";
import { recordsOf, repeatedCalls, savedCalls, type Story } from "./story.ts";

/** What became of a run that a database keeps. */
export interface DurableFacts {
  readonly runId: string;
  /** How often its process was killed. */
  readonly kills: number;
  /** How often a worker executed it. */
  readonly executions: number;
  /** Calls in all, those too that died with their process. */
  readonly callsMade: number;
  /** Calls that were answered before, and not made again: a checkpoint or the journal had the answers. */
  readonly callsReplayed: number;
  /** Calls that were cut off with their process, and made again. */
  readonly repeatedCalls: number;
  /** What the calls had cost that were not made again, in US dollars. */
  readonly savedUsd: number;
  /** Requests of theirs that are missing in that, since their cost is unknown. */
  readonly savedUnknownCostAttempts: number;
  /** The same in tokens, those of prompts and of answers together. */
  readonly savedTokens: number;
  readonly database: DatabaseBackend;
  /** What the sandbox itself has counted, where it is the one that answers. */
  readonly books?: BooksFacts | undefined;
  /** The command that continues the run, if it has not ended. */
  readonly resume?: string | undefined;
}

type Known = Pick<DurableFacts, "runId" | "kills" | "database" | "books" | "resume">;

export function factsOf(story: Story, known: Known): DurableFacts {
  const saved = savedCalls(story);
  const usage = sumUsage(recordsOf(saved));
  const { runId, kills, database, books, resume } = known;
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
    ...(resume === undefined ? {} : { resume }),
  };
}
