import { Interruption } from "./interruption.ts";
import { run } from "./run.ts";

using interruption = new Interruption(process);

process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
});

// Nothing should keep the process alive now. If something does, the user does not wait for it.
setTimeout(() => process.exit(), 300).unref();
