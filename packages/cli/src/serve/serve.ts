import cluster from "node:cluster";
import type { CommandContext } from "../command-context.ts";
import { runProcesses } from "./run-processes.ts";
import { runServer, type ServeCommandOptions } from "./run-server.ts";

/** Serves in this process; with `processes` above 1, in several processes that this one starts. */
export async function serveCommand(
  options: ServeCommandOptions,
  context: CommandContext,
): Promise<void> {
  if (options.processes > 1 && cluster.isPrimary) await runProcesses(options.processes, context);
  else await runServer(options, context);
}
