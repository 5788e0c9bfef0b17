import type { Command } from "commander";
import { hostAndPort, seconds, text, wholeNumber } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { CommandContext } from "../command-context.ts";
import type { HealthOptions } from "./health.ts";
import type { StartWorkerOptions } from "./start-worker.ts";

export function addWorkerCommand(program: Command, context: CommandContext): void {
  program
    .command("worker")
    .description("Takes runs from the queue and executes them, until it is stopped.")
    .option(
      "--config <file>",
      "file with the pipelines (default: orchestra.config.ts, .js or .mjs)",
      text("a file"),
    )
    .option("--concurrency <runs>", "maximum runs at one time", wholeNumber(1, 10_000), 8)
    .option("--grace <seconds>", "when it is stopped: time for its runs to end", seconds, 30)
    .option(
      "--name <name>",
      "name in events and in the log (default: host and process)",
      text("a name"),
    )
    .option(
      "--health <file>",
      "file to write the worker's state to, as JSON, every 2 seconds",
      text("a file"),
    )
    .option(
      "--health-port <[host:]port>",
      "port for HTTP probes of /live and /ready (host: 127.0.0.1)",
      hostAndPort,
    )
    .addHelpText("after", helpText(help))
    .action(async (options: StartWorkerOptions & HealthOptions) => {
      const { runWorker } = await import("./run-worker.ts");
      await runWorker(options, context);
    });
}

const help = `
After the first SIGTERM or Ctrl-C the worker takes no new runs. Runs that have not ended after the grace
time go back to the queue. A second signal ends the worker at once. In both cases nothing is lost:
another worker continues the runs.

Environment
  DATABASE_URL        PostgreSQL that all workers share (default: an embedded database)
  OPENROUTER_API_KEY  key of OpenRouter
  LOG_LEVEL           error, warn, info, debug or silent; the log is on standard error

Other settings are variables too; orchestra doctor lists those that are set.

If OTEL_EXPORTER_OTLP_ENDPOINT is set, traces are exported to it (OpenTelemetry).

Examples
  orchestra worker
  orchestra worker --concurrency 20 --grace 60
  orchestra worker --health /run/orchestra/worker.json
  orchestra worker --health-port 0.0.0.0:8080

Exit codes
  0         stopped after draining
  1         failed; the port for probes cannot be used
  2         wrong usage, config or settings
  75        the database is not available
  129       stopped at once: the terminal was closed
  130, 143  stopped at once by Ctrl-C or SIGTERM`;
