import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");

/** Pages whose TypeScript is in this folder, where it is type-checked and run. */
const pages = [
  "README.md",
  "packages/core/README.md",
  "packages/tools/README.md",
  // The programs of these two need a database; the command's tests run them.
  ...globSync("docs/**/*.md", { cwd: root, exclude: ["docs/runs.md", "docs/deployment.md"] }),
]
  .map((path) => ({ path, text: read(join(root, path)) }))
  .filter(({ text }) => text.includes("```ts\n"));

/** Tests that a page shows. The others test the examples. */
const shownTests: ReadonlySet<string> = new Set([
  "cookbook/report.test.ts",
  "extending/limiter.test.ts",
]);

const examples = new Map(
  globSync("*/*.ts", { cwd: import.meta.dirname })
    .filter((path) => !path.endsWith(".test.ts") || shownTests.has(path))
    .map((path) => [read(join(import.meta.dirname, path)), path]),
);

function read(path: string): string {
  return readFileSync(path, "utf8").trimEnd();
}

function blocksOf(page: string): string[] {
  return [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code.trimEnd());
}

/** A page by its headings, each with the text under it. */
function sectionsOf(page: string): string[] {
  return page.split(/^(?=## )/m);
}

/** The packages of other projects that programs import: `@a/b` of `@a/b/c`. */
function importsOf(text: string): string[] {
  const names = blocksOf(text).flatMap((code) =>
    [...code.matchAll(/ from "((?:@[^/"]+\/)?[^/".]+)[^"]*"/g)].map(([, name = ""]) => name),
  );
  return names.filter((name) => !name.startsWith("@orchestra/") && !name.startsWith("node:"));
}

function installedIn(text: string): ReadonlySet<string> {
  const lines = [...text.matchAll(/npm install ([^\n`]+)/g)];
  return new Set(lines.flatMap(([, names = ""]) => names.split(" ")));
}

/** The peers of the packages: npm installs them with Orchestra. */
const peers = new Set(
  globSync("packages/*/package.json", { cwd: root }).flatMap((path) =>
    Object.keys(
      (JSON.parse(read(join(root, path))) as { peerDependencies?: object }).peerDependencies ?? {},
    ),
  ),
);

/** Pages of programs to copy one by one: each says all that it needs. */
const recipes: ReadonlySet<string> = new Set(["docs/cookbook.md", "docs/extending.md"]);

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

describe.each(pages)("$path", ({ path, text }) => {
  test("has only code of the examples", () => {
    expect(blocksOf(text).filter((code) => !examples.has(code))).toEqual([]);
  });

  test("says before its first program what that needs, and how to run it without a key", () => {
    const [introduction = ""] = text.split("```ts");
    expect(introduction).toMatch(/without (a key|one)/i);
    expect(introduction).toContain("sandbox");
  });

  test("says beside each program which packages of others it needs", () => {
    const missing = sectionsOf(text).flatMap((section) => {
      const installed = installedIn(section);
      const needed = importsOf(section).filter((name) => recipes.has(path) || !peers.has(name));
      return needed.filter((name) => !installed.has(name));
    });
    expect(missing).toEqual([]);
  });

  test("links to sections that exist", () => {
    const links = [...text.matchAll(/\]\(((?!https?:)[^)#\s]*)#([^)\s]+)\)/g)];
    const dead = links.filter(([, to = "", section = ""]) => {
      const page = to === "" ? text : read(join(root, dirname(path), to));
      return !anchorsOf(page).includes(section);
    });
    expect(dead.map(([link]) => link)).toEqual([]);
  });
});

test("every example is shown", () => {
  const shown = new Set(pages.flatMap(({ text }) => blocksOf(text)));
  expect([...examples].filter(([code]) => !shown.has(code)).map(([, path]) => path)).toEqual([]);
});
