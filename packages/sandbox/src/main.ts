import "./check-node.ts";
import { once } from "node:events";
import { orphaned } from "./cli/orphaned.ts";
import { runCommand } from "./cli/run.ts";

const interrupted = Promise.race([
  once(process, "SIGINT"),
  once(process, "SIGTERM"),
  orphaned(process.env),
]);

// Without a listener, output that is not read, as with `| head`, crashes the process.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  interrupted,
});
