#!/usr/bin/env node
import { addEnvFile } from "./env-file/env-file.ts";
import { Interruption } from "./interruption.ts";

{
  using interruption = new Interruption(process);
  // Imported after Interruption has set its handlers: a pipe that closes while modules load must not crash the process.
  const { run } = await import("./run.ts");
  const args = process.argv.slice(2);
  if (args[0]?.startsWith("complet") !== true) sendLogsToStderr();
  const folder = workingFolder();
  const envFile = addEnvFile(folder, process.env);
  // The doctor reports these problems itself. A completion must print nothing but completions.
  if (envFile && !/^(doctor|complet)/.test(args[0] ?? "")) await report(envFile.problems);
  process.once("beforeExit", endHanging);
  process.exitCode = await run(args, {
    environment: process.env,
    envFile,
    folder,
    startedAt: 0,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    get signal() {
      return interruption.signal;
    },
    get drainSignal() {
      return interruption.drainSignal;
    },
  });
  process.off("beforeExit", endHanging);
}

// Ends the process after 300 ms if a handle that was left open, such as a socket, keeps it alive.
setTimeout(() => process.exit(), 300).unref();

async function report(problems: readonly string[]): Promise<void> {
  if (problems.length === 0) return;
  const { writeProse } = await import("./terminal/wrap.ts");
  const shown = 5;
  for (const problem of problems.slice(0, shown)) writeProse(process.stderr, problem);
  const left = problems.length - shown;
  if (left > 0) writeProse(process.stderr, `${left} more of .env: orchestra doctor lists them.`);
}

function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    process.stderr.write(
      "The working folder does not exist any more: it was deleted or moved. Change to one that exists.\n",
    );
    process.exit(2);
  }
}

/** Standard output has only the answer, so console.log() of a config or a pipeline writes to standard error. */
function sendLogsToStderr(): void {
  // oxlint-disable-next-line no-console
  for (const name of ["log", "info", "debug"] as const) console[name] = console.error;
}

/** Called if a promise never settles. By default, Node.js would print a warning that names this file. */
function endHanging(): void {
  process.stderr.write(
    "The command waits for a promise that never settles: look for an await in orchestra.config.ts, or in what it imports.\n",
  );
  process.exit(1);
}
