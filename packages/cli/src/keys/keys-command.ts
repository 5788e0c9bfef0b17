import { InvalidArgumentError, Option, type Command } from "commander";
import { dollars, list, text, wholeNumber } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { CommandContext } from "../command-context.ts";
import type { CreateKeyCommandOptions, KeysOptions } from "./manage-keys.ts";

const scopes = ["chat", "runs:read", "runs:write", "admin"] as const;
const maxRate = 1_000_000;

export function addKeysCommand(program: Command, context: CommandContext): void {
  const keys = program
    .command("keys")
    .description("Creates, lists and revokes the keys of a server's clients.")
    .addHelpText("after", helpText(help));
  const add = (name: string, description: string) =>
    keys
      .command(name)
      .description(description)
      .addOption(new Option("--json", "print JSON"))
      .option("--config <file>", "another config than orchestra.config.ts", text("a file"));

  add("create", "Creates a key, and prints it once.")
    .argument("<name>", "", text("a name for the key"))
    .option("--scope <scopes>", `of ${scopes.join(", ")} (default: chat)`, scopeList)
    .option("--rate <requests>", "requests a minute", wholeNumber(1, maxRate))
    .option("--usd-per-day <amount>", "budget of each day, in UTC", dollars)
    .option("--usd-per-month <amount>", "budget of each month, in UTC", dollars)
    .option("--usd-total <amount>", "budget in total", dollars)
    .option("--role <names>", "only these roles", list)
    .option("--model <ids>", "only these models, if a request names a model", list)
    .option("--expires <date>", "last valid day, or instant, such as 2030-01-31", expiry)
    .action(async (name: string, options: CreateKeyCommandOptions) => {
      const { createKey } = await import("./manage-keys.ts");
      await createKey(name, options, context);
    });
  add("list", "Lists keys, the newest first.").action(async (options: KeysOptions) => {
    const { listKeys } = await import("./manage-keys.ts");
    await listKeys(options, context);
  });
  add("revoke", "Revokes a key, by its name or id. Servers refuse it within seconds.")
    .argument("<name>", "", text("the name or the id of a key"))
    .action(async (name: string, options: KeysOptions) => {
      const { revokeKey } = await import("./manage-keys.ts");
      await revokeKey(name, options, context);
    });
}

type Scope = (typeof scopes)[number];

function scopeList(value: string, before: readonly Scope[] = []): readonly Scope[] {
  const isScope = (name: string): name is Scope => scopes.some((scope) => scope === name);
  const names = list(value);
  if (names.every(isScope)) return [...before, ...names];
  throw new InvalidArgumentError(`It takes scopes of ${scopes.join(", ")}, separated by commas.`);
}

/** Parses a day or an instant in the future. A day means its end, in UTC. */
function expiry(value: string): Date {
  const day = value.slice(0, 10);
  const date = new Date(value === day ? `${day}T23:59:59.999Z` : value);
  // `new Date()` turns February 31 into March 3.
  const isInCalendar = JSON.stringify(new Date(day)).includes(day);
  if (isInCalendar && date.getTime() > Date.now()) return date;
  throw new InvalidArgumentError("It takes a day or an instant in the future, such as 2030-01-31.");
}

const help = `
Only the hash of a key is stored. The key is printed once, on standard output, when it is created. A key
cannot be changed: create another one and revoke the old one. The database is DATABASE_URL, or the embedded
one of the folder, if no server uses it.

Scopes
  chat        call roles and models
  runs:read   read runs
  runs:write  start, change and end runs
  admin       all of these, and the metrics

Examples
  orchestra keys create team-a --rate 60 --usd-per-day 5
  orchestra keys create dashboard --scope runs:read --expires 2030-01-31
  orchestra keys list
  orchestra keys revoke team-a

Exit codes
  0   done
  1   failed
  2   wrong usage, config or settings; no such key, or the name is in use
  75  the database is not available`;
