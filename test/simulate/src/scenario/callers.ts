import type { Random } from "../random.ts";
import { roles, type Role } from "./world.ts";

/** How a call is made. */
export type CallKind = "whole" | "upstream" | "stream" | "invoke";

/** One call that will be made, and what its caller will do. */
export interface PlannedCall {
  readonly number: number;
  /** The prompt. Calls that may be coalesced have the same one. */
  readonly prompt: string;
  readonly kind: CallKind;
  readonly role: Role;
  readonly runId: string;
  readonly maxTokens: number;
  /** Milliseconds after the start of the simulation. */
  readonly startsAfterMs: number;
  /** When the caller aborts, in milliseconds after its start. */
  readonly abortsAfterMs?: number | undefined;
  /** Number of chunks after which the reader stops. */
  readonly leavesAfter?: number | undefined;
  /** How long the reader pauses before each chunk, in milliseconds. */
  readonly pauseMs: number;
}

/** @param isCoalescing - Whether identical calls are coalesced; some are made identical then. */
export function drawCalls(random: Random, isCoalescing: boolean): PlannedCall[] {
  const count = random.whole(5, random.pick([12, 30, 60]));
  const runs = random.whole(1, 6);
  const spreadMs = random.pick([0, 2_000, 30_000, 180_000]);
  const calls: PlannedCall[] = [];
  let at = 0;
  for (let number = 1; number <= count; number += 1) {
    // Most calls begin at once after the one before.
    if (random.chance(0.4)) at += random.exponential((spreadMs * 2.5) / count);
    calls.push(
      drawCall(random, { number, runs, at, twin: isCoalescing ? calls.at(-1) : undefined }),
    );
  }
  return calls;
}

interface Draw {
  readonly number: number;
  readonly runs: number;
  readonly at: number;
  readonly twin: PlannedCall | undefined;
}

function drawCall(random: Random, { number, runs, at, twin }: Draw): PlannedCall {
  const isTwin = twin !== undefined && random.chance(0.4);
  const kind = random.pick<CallKind>([
    "whole",
    "whole",
    "whole",
    "upstream",
    "upstream",
    "stream",
    "stream",
    "stream",
    "invoke",
  ]);
  const isStream = kind === "stream";
  return {
    number,
    prompt: `prompt-${number}`,
    kind,
    role: random.pick(roles),
    runId: `run-${random.whole(1, runs)}`,
    maxTokens: random.pick([40, 100, 100, 400]),
    startsAfterMs: at,
    abortsAfterMs: random.chance(0.12) ? random.heavyTail(1, 0.4, 120_000) - 1 : undefined,
    leavesAfter: isStream && random.chance(0.15) ? random.whole(0, 6) : undefined,
    pauseMs: isStream && random.chance(0.2) ? random.pick([50, 1_000, 15_000]) : 0,
    ...(isTwin ? asAsked(twin) : {}),
  };
}

/** What makes two calls identical, and their run, so that its budget counts both. */
function asAsked({ prompt, kind, role, runId, maxTokens }: PlannedCall): Partial<PlannedCall> {
  return { prompt, kind, role, runId, maxTokens };
}
