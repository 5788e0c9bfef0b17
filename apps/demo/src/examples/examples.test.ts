import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runDemo } from "../test-support/run-demo.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

const quiet = { LOG_LEVEL: "warn" };

// The others: examples.long.test.ts.
describe("the examples", () => {
  it("are the whole pipeline in one file, with a question and a folder of one's own", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "vell.md"), "The lighthouse of Vell was built in 1871.\n");
    const args = ["When was the lighthouse of Vell built?", folder.path];
    const { code, stdout, stderr } = await runDemo(args, quiet, "examples/pipeline.ts");
    const sentence = "The lighthouse of Vell was built in 1871";
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${sentence} [1].\n[1] vell.md:1 ${sentence}.\n`,
    });
    expect(stderr).toContain(`executor: ${sentence} [1].`);
    expect(stderr).toMatch(/\n4 requests, \d+ ms, \$0\.000000\n$/);
  });
});
