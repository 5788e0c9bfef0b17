import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runDemo } from "../test-support/run-demo.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

const quiet = { LOG_LEVEL: "warn" };

describe.concurrent("the examples", () => {
  it("pipeline answers a given question from a given folder", async () => {
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

  it("lcel composes agents", async () => {
    const { code, stdout, stderr } = await runDemo([], quiet, "examples/lcel.ts");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/PORTKEY_FALLBACKS.*\[1\].*\n\[1\] \S+\.md:\d+\n$/s);
  });

  it("own-role adds a role", async () => {
    const { code, stdout, stderr } = await runDemo([], quiet, "examples/own-role.ts");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^What happens .*\?\nIn short: .+\n$/);
  });
});
