import type { Command } from "commander";
import { choice, dollars, text, wholeNumber } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { CommandContext } from "../command-context.ts";
import type { ModelsOptions } from "./list-models.ts";

export function addModelsCommand(program: Command, context: CommandContext): void {
  program
    .command("models")
    .description("Searches the server's models by name, price, context and abilities.")
    .argument("[words...]", "parts that the id must contain")
    .option("--max-price <dollars>", "maximum price of a million tokens of the answer", dollars)
    .option("--min-context <tokens>", "minimum context", wholeNumber(1, 1e9))
    .option("--tools", "only models that call tools")
    .option("--structured", "only models that support JSON schemas")
    .option("--free", "only models that cost nothing")
    .option("--parameter <name>", "only models that take this request parameter", text("a name"))
    .option("--sort <key>", "price, context or id", choice("price", "context", "id"), "price")
    .option("--limit <number>", "how many", wholeNumber(1, 10_000), 20)
    .option("--json", "print JSON")
    .addHelpText("after", helpText(help))
    .action(async (words: readonly string[], options: ModelsOptions) => {
      const { listModels } = await import("./list-models.ts");
      await listModels(words, options, context);
    });
}

const help = `
Prices are US dollars for a million tokens, of the prompt and of the answer.

Examples
  orchestra models claude --tools
  orchestra models --structured --max-price 1 --min-context 100000
  orchestra models --free --sort context

Exit codes
  0  done, also if no model matches
  1  the server does not answer, or has no list of models
  2  wrong usage or settings`;
