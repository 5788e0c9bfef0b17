import { randomUUID } from "node:crypto";
import type { CallRecord, OrchestraEvent } from "@orchestra/core";
import { answer } from "./answer.ts";
import { parseArguments } from "./arguments.ts";
import { withEvent } from "./calls.ts";
import { answerDurably, type DurableFacts } from "./durable/index.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { help } from "./help.ts";
import { failedOutcome } from "./outcome.ts";
import { Presenter } from "./presenter.ts";
import type { Output } from "./style.ts";

/** What the demo uses of its process. */
export interface Io {
  readonly environment: NodeJS.ProcessEnv;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Stops the run. Its reason is an {@link InterruptedError}. */
  readonly signal: AbortSignal;
}

/** Runs the demo with this command line. @returns the exit code */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const { environment, stdout, stderr, signal } = io;
  let runId: string = randomUUID();
  let calls: readonly CallRecord[] = [];
  let durable: DurableFacts | undefined;
  const level = environment["LOG_LEVEL"]?.trim();
  const logs = Boolean(level) && level !== "silent";
  const json = args.includes("--json");
  const isDumb = environment["TERM"] === "dumb";
  const presenter = new Presenter({ stdout, stderr, json, logs, isDumb });
  try {
    const command = await parseArguments(args, environment);
    if (command.name === "help") {
      stdout.write(help);
      return 0;
    }
    if (command.name === "resume") ({ runId } = command);
    const onEvent = (event: OrchestraEvent) => void (calls = withEvent(calls, event));
    const onFacts = (facts: DurableFacts) => void (durable = facts);
    const shared = { environment, presenter, logs, runId, signal, onEvent };
    const outcome =
      command.name === "resume" || command.durable
        ? await answerDurably({ command, stderr, onFacts, ...shared })
        : await answer({ command, ...shared });
    presenter.finish({ ...outcome, calls, durable }, command.out);
    return exitCodes[outcome.status];
  } catch (thrown) {
    // An abort may cause other failures; report the abort, because it is what the user did.
    const error: unknown = signal.aborted ? signal.reason : thrown;
    presenter.finish(
      failedOutcome(error, { runId, calls, durable, showsStack: level === "debug" }),
    );
    return exitCodeOf(error);
  }
}
