import type { Command } from "commander";
import { seconds, text, wholeNumber } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { CommandContext } from "../command-context.ts";
import type { ServeCommandOptions } from "./run-server.ts";

export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command("serve")
    .description("Serves roles and runs by HTTP, and executes the runs, until it is stopped.")
    .option("--port <number>", "port; 0 selects a free one (default: 8080)", wholeNumber(0, 65_535))
    .option("--host <address>", "address (default: 127.0.0.1)", text("an address"))
    .option(
      "--grace <seconds>",
      "when it is stopped: time for requests and runs to end (default: 30)",
      seconds,
    )
    .option(
      "--database-url <url>",
      "PostgreSQL (default: DATABASE_URL, else an embedded database)",
      text("a URL"),
    )
    .option("--no-worker", "do not execute runs: orchestra worker does")
    .option(
      "--concurrency <runs>",
      "maximum runs at one time, in each process",
      wholeNumber(1, 10_000),
      8,
    )
    .option("--processes <number>", "processes that share the port", wholeNumber(1, 256), 1)
    .option("--config <file>", "another config than orchestra.config.ts", text("a file"))
    .addHelpText("after", helpText(help))
    .action(async (options: ServeCommandOptions) => {
      const { serveCommand } = await import("./serve.ts");
      await serveCommand(options, context);
    });
}

const help = `
A client names a role as the model agent:<role>, as the field agent_type or as the header X-Agent-Type.
A config is not needed. If there is one, its options apply, and clients can start its pipelines. This process
executes the runs. With --no-worker and PostgreSQL, orchestra worker executes them.

After the first SIGTERM or Ctrl-C, requests and runs in progress can end. After the grace time the requests
are ended, and the runs go back to the queue. A second signal ends the server at once. GET /docs of the
server lists its paths.

Environment
  OPENROUTER_API_KEY     key of OpenRouter
  AGENT_MODEL_MAP        models of the roles
  DATABASE_URL           PostgreSQL, which several processes can share
  ORCHESTRA_SERVER_KEYS  keys of the clients; required on an address that other machines can reach
  LOG_LEVEL              error, warn, info, debug or silent; the log is on standard error

If OTEL_EXPORTER_OTLP_ENDPOINT is set, traces are exported to it (OpenTelemetry).

Examples
  orchestra serve
  orchestra serve --port 3000
  orchestra serve --host 0.0.0.0 --processes 2

Exit codes
  0         stopped
  1         failed; the address cannot be used
  2         wrong usage, config or settings
  75        the database is not available
  129       stopped at once: the terminal was closed
  130, 143  stopped at once by Ctrl-C or SIGTERM`;
