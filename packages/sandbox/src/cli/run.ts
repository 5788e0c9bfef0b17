import type { Fixture } from "@copilotkit/aimock";
import { startSandbox, type Sandbox } from "../sandbox.ts";
import { loadFixtures } from "../scripted/load-fixtures.ts";
import { parseArguments, UsageError, type Command } from "./arguments.ts";
import {
  DIALECTS_TEXT,
  EMBEDDINGS_TEXT,
  FAULTS_TEXT,
  greeting,
  HELP_TEXT,
  requestLine,
} from "./texts.ts";

const texts = {
  help: HELP_TEXT,
  faults: FAULTS_TEXT,
  dialects: DIALECTS_TEXT,
  embeddings: EMBEDDINGS_TEXT,
};

/** The output of a command, and the signal that ends it. */
export interface CommandIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Resolves when the user wants the sandbox closed. */
  readonly interrupted: Promise<unknown>;
}

/** Runs the command and returns its exit code: 0, 1 if it could not start, 2 for a wrong command line. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  let command: Command;
  try {
    command = parseArguments(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(`${error.message}\n`);
    return 2;
  }
  if (command.name !== "start") {
    io.out(texts[command.name]);
    return 0;
  }
  let sandbox: Sandbox;
  try {
    sandbox = await start(command, io);
  } catch (error) {
    io.err(`${explain(error)}\n`);
    return 1;
  }
  io.out(greeting(sandbox));
  await io.interrupted;
  await sandbox.close();
  return 0;
}

async function start(
  { options, fixturesPath }: Extract<Command, { name: "start" }>,
  io: CommandIo,
): Promise<Sandbox> {
  const fixtures: Fixture[] = fixturesPath === undefined ? [] : await loadFixtures(fixturesPath);
  return startSandbox({ ...options, fixtures, onRequest: (entry) => io.out(requestLine(entry)) });
}

/** The command line has another name for the option of the port. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace("(option port)", "(--port)");
}
