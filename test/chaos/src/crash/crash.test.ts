import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { table, type CrashSummary } from "./report.ts";

const docs = new URL("../../../../docs/", import.meta.url);

// `pnpm chaos:crash` interrupts the runs. These tests only check its result.
test("the table of docs/runs.md has the figures of docs/benchmarks/crash.json", async () => {
  const json = await readFile(new URL("benchmarks/crash.json", docs), "utf8");
  const page = await readFile(new URL("runs.md", docs), "utf8");
  const summary = JSON.parse(json) as CrashSummary;
  expect(unaligned(page)).toContain(unaligned(table(summary)));
  expect(page).toContain(`${summary.deaths.toLocaleString("en")} in total`);
});

/** The formatter aligns the columns of the page. */
function unaligned(markdown: string): string {
  return markdown.replaceAll(/ *\| */g, "|").replaceAll(/-{3,}/g, "---");
}
