import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "./program.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/cli.md"), "utf8");
const quiet = { write: () => undefined, columns: 80 };

const program = createProgram(
  {
    environment: {},
    folder: import.meta.dirname,
    stdout: quiet,
    stderr: quiet,
    signal: new AbortController().signal,
    drainSignal: new AbortController().signal,
  },
  quiet.write,
);

/** A command and its subcommands, with their whole names. */
function commandsOf(command: Command, prefix = ""): [name: string, command: Command][] {
  const name = `${prefix}${command.name()}`;
  const inner = command.createHelp().visibleCommands(command);
  return [
    [name, command],
    ...inner.filter((sub) => sub.name() !== "help").flatMap((sub) => commandsOf(sub, `${name} `)),
  ];
}

const commands = commandsOf(program);

/** What `--help` prints, including the texts of `addHelpText()`. */
function helpOf(command: Command, columns = 80): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => columns,
  });
  command.outputHelp();
  return text.trimEnd();
}

describe("docs/cli.md", () => {
  test.each(commands)("has the help of %s, word for word", (name, command) => {
    expect(page).toContain(`\n\`\`\`console\n$ ${name} --help\n${helpOf(command)}\n\`\`\`\n`);
  });

  test("has no other commands", () => {
    const shown = [...page.matchAll(/^\$ (.*) --help$/gm)].map(([, name]) => name);
    expect(shown).toEqual(commands.map(([name]) => name));
  });
});

test.each(commands)("the help of %s, or that of its group, has examples", (name, command) => {
  const own = helpOf(command);
  const parent = command.parent ? helpOf(command.parent) : "";
  expect(own + (name.split(" ").length > 2 ? parent : "")).toContain("\nExamples\n");
});

test.each(commands)("the help of %s fits 60 columns", (_, command) => {
  const lines = helpOf(command, 60).split("\n");
  // Commands to copy are not broken.
  const long = lines.filter((line) => line.length > 60 && !/^ {2}(source |orchestra )/.test(line));
  expect(long).toEqual([]);
});
