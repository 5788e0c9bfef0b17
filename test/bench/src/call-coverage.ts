/** Counts the files and functions of `@orchestra/core` that one warm call executes. */
import { createCommand } from "@orchestra/test-command";
import { coverWarmCall } from "./coverage/cover-warm-call.ts";
import { executedFunctions, type ExecutedFile } from "./coverage/executed-functions.ts";

const targets = { files: 28, functions: 130 } as const;

const folder = new URL("../../../packages/core/src/", import.meta.url).href;

const command = createCommand(
  "pnpm coverage:call",
  "Counts the files and functions of packages/core/src that one warm agent.invoke executes.",
)
  .option("--list", "prints the names of the functions, by file")
  .option("--json", "prints one JSON object and nothing else")
  .option("--check", `exits with 1 above ${targets.files} files or ${targets.functions} functions`);

const { list, json, check } = command.parse().opts();
const executed = executedFunctions(await coverWarmCall(), folder);
if (executed.length === 0) {
  throw new Error(
    `No function ran below ${folder}: expected the sources of @orchestra/core. Run Node.js with --conditions=@orchestra/source.`,
  );
}
const files = executed.length;
const functions = executed.reduce((count, file) => count + file.functions.length, 0);
const isWithin = files <= targets.files && functions <= targets.functions;
if (json) {
  const result = { files, functions, targets, isWithin, ...(list && { executed }) };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  if (list) process.stdout.write(`${executed.map(lineOf).join("\n")}\n\n`);
  process.stdout.write(`files ${files} (target: at most ${targets.files})\n`);
  process.stdout.write(`functions ${functions} (target: at most ${targets.functions})\n`);
}
if (check && !isWithin) process.exitCode = 1;

function lineOf({ path, functions }: ExecutedFile): string {
  return `${path} (${functions.length}): ${functions.join(", ")}`;
}
