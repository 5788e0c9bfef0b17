import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runExample } from "../run-example.ts";

describe("the examples of the READMEs", () => {
  test.each([
    ["hello", () => import("./hello.ts")],
    ["request", () => import("./request.ts")],
  ])("%s prints an answer", async (_, load) => {
    const { printed } = await runExample(load);
    expect(printed[0]).toEqual([expect.stringMatching(/\w/)]);
  });

  test("sandbox prints what packages/core/README.md shows", async () => {
    const page = readFileSync(
      join(import.meta.dirname, "../../../../packages/core/README.md"),
      "utf8",
    );
    const { printed } = await runExample(() => import("./sandbox.ts"));
    const lines = printed.map((line) =>
      line.map((value) => (typeof value === "string" ? value : inspect(value))).join(" "),
    );
    expect(page).toContain(`\`\`\`\n${lines.join("\n")}\n\`\`\`\n`);
  });
});
