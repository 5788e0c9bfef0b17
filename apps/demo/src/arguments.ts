import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { defaultFolder, fromUsersFolder } from "./folders.ts";
import { UsageError } from "./usage-error.ts";

/** A question that the docs of this project answer. */
export const defaultQuestion = "What happens when the primary model keeps failing?";

/** The parsed command line. */
export type Command = { readonly name: "help" } | AskCommand | ResumeCommand;

export interface AskCommand {
  readonly name: "ask";
  readonly question: string;
  /** Absolute. */
  readonly folder: string;
  /** Has precedence over `AGENT_MODEL_MAP` and `OPENROUTER_DEFAULT_MODEL`. */
  readonly model: string | undefined;
  /** Absolute. */
  readonly out: string | undefined;
  /** Whether the run is stored in a database, and its process is killed in the middle. */
  readonly durable: boolean;
}

/** Continues a durable run that has not ended. */
export interface ResumeCommand extends Pick<AskCommand, "model" | "out"> {
  readonly name: "resume";
  readonly runId: string;
}

/**
 * Reads the command line.
 *
 * @throws {UsageError} for a command line that is not valid
 */
export async function parseArguments(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Command> {
  const { values, positionals } = parse(args);
  if (values.help === true) return { name: "help" };
  requireWorkingFolder();

  const [question = defaultQuestion, ...others] = positionals;
  if (others.length > 0) {
    throw misuse(`takes one question, and got ${positionals.length}; put it in quotation marks`);
  }
  if (question.trim() === "") throw misuse("got an empty question");
  for (const [name, value] of Object.entries(values)) {
    if (value === "") throw misuse(`got no value for --${name}`);
  }
  if (values.model !== undefined && /\s/.test(values.model)) {
    throw misuse("got a --model with a space in it; a model id is like openai/gpt-4o");
  }
  const { model } = values;
  const out = values.out === undefined ? undefined : fromUsersFolder(values.out, environment);
  if (values.resume !== undefined) {
    if (positionals.length > 0 || values.docs !== undefined) {
      throw misuse("takes neither a question nor --docs beside --resume; the run has its own");
    }
    return { name: "resume", runId: values.resume, model, out };
  }
  const folder =
    values.docs === undefined ? defaultFolder : fromUsersFolder(values.docs, environment);
  await requireFolder(folder, values.docs);
  return {
    name: "ask",
    question: question.trim(),
    folder,
    model,
    out,
    durable: values.durable === true,
  };
}

function parse(args: readonly string[]) {
  // Unlike npm, `pnpm demo -- "question"` passes the dashes to the script.
  const own = args[0] === "--" ? args.slice(1) : args;
  try {
    return parseArgs({
      args: [...own],
      allowPositionals: true,
      options: {
        docs: { type: "string" },
        model: { type: "string" },
        json: { type: "boolean" },
        out: { type: "string" },
        durable: { type: "boolean" },
        resume: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    const [firstSentence] = (error as Error).message.split(/[.\n](?:\s|$)/);
    throw misuse(`does not understand this: ${firstSentence}`);
  }
}

/** The working folder may have been deleted or moved. */
function requireWorkingFolder(): void {
  try {
    process.cwd();
  } catch {
    throw new UsageError(
      "The working folder does not exist any more: it was deleted or moved. Change to one that exists.",
    );
  }
}

async function requireFolder(folder: string, asTyped: string | undefined): Promise<void> {
  const stats = await stat(folder).catch(() => undefined);
  if (stats !== undefined) return;
  throw misuse(
    asTyped === undefined
      ? `finds no docs folder at ${folder}; name one with --docs`
      : `finds no folder ${folder}; --docs takes one that exists`,
  );
}

function misuse(what: string): UsageError {
  return new UsageError(`The demo ${what}. Try --help.`);
}
