import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runExample, type ExampleRun } from "../run-example.ts";

const root = join(import.meta.dirname, "../../../..");

/** What a program printed, as a terminal shows it. */
function textOf({ printed }: ExampleRun): string {
  const lines = printed.map((line) =>
    line.map((value) => (typeof value === "string" ? value : inspect(value))).join(" "),
  );
  return `\`\`\`\n${lines.join("\n")}\n\`\`\`\n`;
}

describe("the examples of the READMEs", () => {
  test.each([
    ["hello", () => import("./hello.ts")],
    ["request", () => import("./request.ts")],
  ])("%s prints an answer", async (_, load) => {
    const { printed } = await runExample(load);
    expect(printed[0]).toEqual([expect.stringMatching(/\w/)]);
  });

  test.each([
    ["first", "README.md", () => import("./first.ts")],
    ["own-graph", "README.md", () => import("./own-graph.ts")],
    ["agents", "README.md", () => import("./agents.ts")],
    ["sandbox", "packages/core/README.md", () => import("./sandbox.ts")],
  ])("%s prints what %s shows", async (_, page, load) => {
    expect(readFileSync(join(root, page), "utf8")).toContain(textOf(await runExample(load)));
  });
});
