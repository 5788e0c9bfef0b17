import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cases } from "./cases.ts";
import { oldestNode } from "./oldest-node.ts";

const root = join(import.meta.dirname, "../../..");
const find = (pattern: string) => globSync(pattern, { cwd: root });
const read = (file: string) => readFileSync(join(root, file), "utf8");

const manifests = ["package.json", ...find("packages/*/package.json")];
const checks = [...find("packages/*/src/check-node.ts"), ...find("packages/*/bin/*.js")];
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "packages/core/README.md",
  "packages/cli/README.md",
] as const;

describe(`the oldest Node.js is ${oldestNode}`, () => {
  test.each(manifests)("in the engines of %s", (file) => {
    const { engines } = JSON.parse(read(file)) as { engines?: { node?: string } };
    expect(engines?.node).toBe(`>=${oldestNode}`);
  });

  test.each(checks)("in what %s says and compares", (file) => {
    const code = read(file);
    const [major, minor] = oldestNode.split(".");
    expect(/oldest = "(.*)"/.exec(code)?.[1]).toBe(oldestNode);
    const compared = /< (\d+) \|\| \(\S+ === (\d+) && \S+ < (\d+)\)/.exec(code);
    expect(compared?.slice(1)).toEqual([major, major, minor]);
  });

  // Of a part that needs a newer one, a page says "and 22.18 or newer for …".
  test.each(pages)("in %s", (file) => {
    const named = [...read(file).matchAll(/Node\.js (\d[\d.]*) or newer/g)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set([oldestNode]));
  });

  test("in the packages that users install", () => {
    expect(cases.map(({ node }) => node)).toContain(`${oldestNode}.0`);
  });
});

test.each(find("packages/*"))("%s checks the version, or imports a package that does", (folder) => {
  const { dependencies } = JSON.parse(read(`${folder}/package.json`)) as {
    dependencies: Readonly<Record<string, string>>;
  };
  const isChecked = checks.some((file) => file.startsWith(`${folder}/`));
  expect(isChecked || "@orchestra/core" in dependencies).toBe(true);
});
