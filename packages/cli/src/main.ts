#!/usr/bin/env node
import { addEnvFile } from "./env-file.ts";
import { Interruption } from "./interruption.ts";
import { nodeProblem } from "./node-version.ts";

const problem = nodeProblem(process.versions.node);
if (problem === undefined) {
  using interruption = new Interruption(process);
  // Only now: what is behind it does not even load on an old Node.
  const { run } = await import("./run.ts");
  const args = process.argv.slice(2);
  if (args[0]?.startsWith("complet") !== true) sendLogsToStderr();
  const folder = process.cwd();
  const envFile = addEnvFile(folder, process.env);
  process.exitCode = await run(args, {
    environment: process.env,
    envFile,
    folder,
    startedAt: 0,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interruption.signal,
  });
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}

// Nothing should be left that keeps the process alive; whatever is may not keep the user waiting.
setTimeout(() => process.exit(), 300).unref();

/** Standard output is for the answer alone: what a config or a pipeline logs is a notice. */
function sendLogsToStderr(): void {
  // oxlint-disable-next-line no-console
  for (const name of ["log", "info", "debug"] as const) console[name] = console.error;
}
