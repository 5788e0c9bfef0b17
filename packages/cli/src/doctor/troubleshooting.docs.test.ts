import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Problem } from "./check.ts";
import { checks } from "./checks.ts";
import { generalProblems } from "./run-checks.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/troubleshooting.md"), "utf8");

const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.split("\n")[0]?.replaceAll("`", ""), section] as const),
);

describe("docs/troubleshooting.md", () => {
  test("has a section for each check, in the order of the report", () => {
    expect([...sections.keys()]).toEqual([...checks.map(({ id }) => id), "Any check"]);
  });

  test.each(checks.map((check) => [check.id, check] as const))(
    "has the problems and remedies of %s",
    (id, { title, needsNetwork, problems }) => {
      const section = sections.get(id) ?? "";
      const offline = needsNetwork ? "; `--lint` skips this check" : "";
      expect(section).toContain(`\n${title}${offline}.\n`);
      expect(rowsOf(section)).toEqual(expected(problems));
    },
  );

  test("has the problems that any check can have", () => {
    expect(rowsOf(sections.get("Any check") ?? "")).toEqual(expected(generalProblems));
  });
});

function expected(problems: Readonly<Record<string, Problem>>): string[][] {
  return Object.entries(problems).map(([code, { severity, remedy }]) => [code, severity, remedy]);
}

function rowsOf(section: string): string[][] {
  const rows = section.matchAll(/^\| `([\w-]+)` +\| (\w+) +\| (.*?) +\|$/gm);
  return [...rows].map(([, ...cells]) => cells);
}
