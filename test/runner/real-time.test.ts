import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** What fails on a busy machine though nothing is wrong; `suite.ts` has the limits that end what hangs. */
const rules: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    "asserts that something was quick: wait for the event, and assert what happened",
    /(?:performance|Date)\.now\(\) - \w+\)?\)\s*\.toBeLess/,
  ],
  [
    "polls or waits with a limit of its own",
    /\.(?:poll|waitFor|waitUntil)\([^;]*?\{[^{};]*\btimeout: (?!240_000)\d/,
  ],
  [
    "waits by vi, for a second: expect.poll() has the limit of the suite",
    /\bvi\.wait(?:For|Until)\((?![^;]*\btimeout: 240_000)/,
  ],
  [
    "has a limit of time of its own",
    /^(?: *\}, \d[\d_]*\);| *\{ timeout: [\d_]+ \},| *(?:describe|test|it)\b.*\{ timeout: [\d_]+ \}.*)$/m,
  ],
];

const files = globSync("{packages,apps,test}/**/*.test.ts", {
  cwd: root,
  exclude: (name) => /(?:^|\/)(?:node_modules|dist)$/.test(name) || name.endsWith(".long.test.ts"),
});

test.each(rules)("no quick test %s", (_, pattern) => {
  expect(files.length).toBeGreaterThan(200);
  const found = files.filter((file) => pattern.test(readFileSync(join(root, file), "utf8")));
  expect(found.filter((file) => !file.endsWith("runner/real-time.test.ts"))).toEqual([]);
});

test.each([
  ["expect(performance.now() - startedAt).toBeLessThan(900);", 0],
  ["expect(Math.abs(Date.now() - at)).toBeLessThan(9);", 0],
  ["await expect\n  .poll(() => seen, { timeout: 10_000 })\n  .toBe(1);", 1],
  ["await vi.waitFor(() => stop.abort());", 2],
  ["await vi.waitUntil(isThere, 20_000);", 2],
  ["  }, 60_000);", 3],
  ['  test("is quick", { timeout: 5000 }, async () => {', 3],
] as const)("the rules find %j", (text, rule) => {
  expect(rules[rule]?.[1].test(text)).toBe(true);
});
