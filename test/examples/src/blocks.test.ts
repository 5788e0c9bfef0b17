import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import rootPackage from "../../../package.json" with { type: "json" };

const root = join(import.meta.dirname, "../../..");

interface Block {
  readonly page: string;
  readonly language: string;
  readonly code: string;
}

const pages = globSync(["*.md", "docs/**/*.md", "{packages,apps,test}/*/README.md"], {
  cwd: root,
  exclude: ["CHANGELOG.md"],
});

/** Fenced blocks of all pages. TypeScript and SQL have tests of their own, which run them. */
const blocks: readonly Block[] = pages.flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/^```(\S*)\n(.*?)^```$/gms)].map(
    ([, language = "", code = ""]) => ({ page, language, code }),
  ),
);
const of = (...languages: string[]) =>
  blocks.filter(({ language }) => languages.includes(language));

/** Commands of a block; of a transcript, those after its prompts. */
function commandsOf({ language, code }: Block): string[] {
  const lines = code.replaceAll("\\\n", " ").split("\n");
  if (language !== "console") return lines;
  return lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
}

const commands = of("bash", "console").flatMap((block) =>
  commandsOf(block).map((command) => ({ page: block.page, command })),
);

test("every block is of a language that is checked", () => {
  const known = ["ts", "js", "json", "yaml", "ini", "bash", "console", "sql", "mermaid", ""];
  expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
});

describe("blocks parse", () => {
  test.each(of("js"))("JavaScript of $page", ({ code }) => {
    expect(() => stripTypeScriptTypes(code)).not.toThrow();
  });

  test.each(of("json"))("JSON of $page", ({ code }) => {
    expect(() => JSON.parse(code) as unknown).not.toThrow();
  });

  test.each(of("yaml"))("YAML of $page", ({ code }) => {
    expect(parse(code)).toBeTypeOf("object");
  });

  test.each(of("ini"))("a unit of systemd in $page", ({ code }) => {
    const lines = code.split("\n").filter((line) => line !== "");
    expect(lines.filter((line) => !/^(\[\w+\]|\w+=\S.*)$/.test(line))).toEqual([]);
  });

  test("shell commands", () => {
    const scripts = of("bash").map(({ page, code }) => `: '${page}'\n${code}`);
    const { stderr } = spawnSync("bash", ["-n"], { input: scripts.join("\n"), encoding: "utf8" });
    expect(stderr).toBe("");
  });
});

describe("commands name what exists", () => {
  const scripts = new Set(Object.keys(rootPackage.scripts));
  const ofPnpm = new Set(["install", "exec", "add"]);

  test("scripts of package.json", () => {
    const unknown = commands.filter(({ command }) =>
      [...command.matchAll(/npx -y pnpm@12 (?:--filter \S+ )?([\w:.-]+)/g)].some(
        ([whole, script = ""]) =>
          !whole.includes("--filter") && !scripts.has(script) && !ofPnpm.has(script),
      ),
    );
    expect(unknown).toEqual([]);
  });

  test("files of the repository", () => {
    const missing = commands.flatMap(({ page, command }) =>
      [...command.matchAll(/(?<=\s)(?:apps|deploy|docs|packages|test)\/[\w./-]+/g)]
        .map(([path]) => path)
        .filter((path) => !existsSync(join(root, path)))
        .map((path) => `${page}: ${path}`),
    );
    expect(missing).toEqual([]);
  });
});
