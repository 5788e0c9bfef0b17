import { Interruption } from "./interruption.ts";
import { run } from "./run.ts";

using interruption = new Interruption(process);

process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
});

// Nothing should be left that keeps the process alive; whatever is may not keep the user waiting.
setTimeout(() => process.exit(), 300).unref();
