import { expect, test } from "vitest";
import { installedSection } from "./installed.ts";

test("shows the ratios, and what could not be installed", () => {
  const { verdict, tables } = installedSection({
    rounds: 7,
    starts: [{ name: "node -e 0", ms: 40, vsNode: 1 }],
    sizes: [{ name: "@orchestra/core", packages: 66, mb: 90 }],
    ratios: [{ name: "langchain 1.0.0", time: 0.9, size: 1.8 }],
    problems: ["other 2.0.0 could not be installed: npm error code ETARGET"],
  });
  const rows = verdict.split("\n").map((line) => line.replaceAll(/ +/g, " "));
  expect(rows.slice(2)).toEqual([
    "| time of the import of @orchestra/core over that of langchain 1.0.0 | | 0.9 | |",
    "| MB installed of @orchestra/core over those of langchain 1.0.0 | | 1.8 | |",
  ]);
  expect(tables[1]?.caption).toContain("; other 2.0.0 could not be installed: npm error");
});
