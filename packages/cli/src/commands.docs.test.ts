import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "./program.ts";

const root = join(import.meta.dirname, "../../..");
const pages = globSync(["*.md", "docs/**/*.md", "{packages,apps}/*/README.md"], { cwd: root });
const invocation =
  /(?:^|\$ |&& |<\()(?:npx (?:-y )?@orchestra\/cli|npx orchestra|npx -y pnpm@12 orchestra|orchestra) ([^|<>)\n]+)/gm;

/** The command lines of the pages: those in shell blocks, and those with an option in the text. */
const shown = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), "utf8");
  const blocks = [...text.matchAll(/^```(?:bash|console)\n(.*?)^```$/gms)];
  const inText = [...text.matchAll(/`((?:npx )?orchestra [^`]+)`/g)].filter(
    // `orchestra runs show` in a sentence is the name of a command, not a line to type. With an option, it is a line.
    ([, line = ""]) => !/[…<]/.test(line) && line.includes("--"),
  );
  const linesOf =
    (isMention: boolean) =>
    ([, code = ""]: RegExpExecArray) =>
      [...code.matchAll(invocation)].map(([, line = ""]) => ({
        page,
        line: line.trim(),
        isMention,
      }));
  return [...blocks.flatMap(linesOf(false)), ...inText.flatMap(linesOf(true))];
});

/** A sentence may name a command or an option without its arguments. */
function isMissing(code: unknown): boolean {
  return code === "commander.missingArgument" || code === "commander.optionMissingArgument";
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}

/** The program, with commands that only parse their arguments. */
function reader(): Command {
  const quiet = { write: () => undefined, columns: 80 };
  const { signal } = new AbortController();
  const context = {
    environment: {},
    folder: import.meta.dirname,
    stdout: quiet,
    stderr: quiet,
    signal,
    drainSignal: signal,
  };
  const program = createProgram(context, quiet.write);
  const idle = (command: Command): void => {
    command.commands.forEach(idle);
    if (command.commands.length === 0) command.action(() => undefined);
  };
  idle(program);
  return program;
}

describe("the command lines in the docs are valid", () => {
  test("and more than 20 are found", () => {
    expect(shown.length).toBeGreaterThan(20);
  });

  test.each(shown)("$page: orchestra $line", async ({ line, isMention }) => {
    const args = wordsOf(line);
    if (args.includes("--help")) return; // the tests of docs/cli.md compare it
    const parsed = await reader()
      .parseAsync(args, { from: "user" })
      .catch((error: { readonly code: string }) => error.code);
    expect(parsed).toSatisfy((it) => typeof it === "object" || (isMention && isMissing(it)));
  });
});
