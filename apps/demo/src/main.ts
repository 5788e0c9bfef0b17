import { Interruption } from "./interruption.ts";
import { run } from "./run.ts";

using interruption = new Interruption(process);

process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
});

// Ends the process even if a handle that was left open, such as a socket, keeps it alive.
setTimeout(() => process.exit(), 300).unref();
