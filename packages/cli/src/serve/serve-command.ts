import type { Command } from "commander";
import { seconds, text, wholeNumber } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { Surroundings } from "../surroundings.ts";
import type { ServeCommandOptions } from "./run-server.ts";

/** A day. */
const longestGrace = 86_400;

export function addServeCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("serve")
    .description("Serves the roles to OpenAI's clients by HTTP, until it is stopped.")
    .option(
      "--port <number>",
      "port; 0 for one that is free (default: 8080)",
      wholeNumber(0, 65_535),
    )
    .option("--host <address>", "address (default: 127.0.0.1)", text("an address"))
    .option(
      "--grace <seconds>",
      "time for requests under way when it is stopped (default: 30)",
      seconds(longestGrace),
    )
    .option("--config <file>", "another config than orchestra.config.ts")
    .addHelpText("after", helpText(help))
    .action(async (options: ServeCommandOptions) => {
      const { runServer } = await import("./run-server.ts");
      await runServer(options, surroundings);
    });
}

const help = `
A client names a role as the model agent:<role>, as the field agent_type or as the header X-Agent-Type.
A config is not needed; of one that is there, the options of Orchestra apply.

The first SIGTERM or Ctrl-C lets requests under way end, and ends the others after the grace time; the
second ends the server at once.

Environment
  OPENROUTER_API_KEY     key of OpenRouter
  AGENT_MODEL_MAP        models of the roles
  ORCHESTRA_SERVER_KEYS  keys of the clients; required on an address that other machines can reach
  LOG_LEVEL              error, warn, info, debug or silent; the log is on standard error

Examples
  orchestra serve
  orchestra serve --port 3000
  orchestra serve --host 0.0.0.0

Exit codes
  0         stopped
  1         failed; the address cannot be used
  2         wrong usage, config or settings
  130, 143  stopped at once by Ctrl-C or SIGTERM`;
