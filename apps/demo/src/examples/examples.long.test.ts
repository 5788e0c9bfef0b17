import { describe, expect, it } from "vitest";
import { runDemo } from "../test-support/run-demo.ts";

const quiet = { LOG_LEVEL: "warn" };

describe.concurrent("the examples", () => {
  it("compose agents", async () => {
    const { code, stdout, stderr } = await runDemo([], quiet, "examples/lcel.ts");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/PORTKEY_FALLBACKS.*\[1\].*\n\[1\] \S+\.md:\d+\n$/s);
  });

  it("add a role of one's own", async () => {
    const { code, stdout, stderr } = await runDemo([], quiet, "examples/own-role.ts");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^What happens .*\?\nIn short: .+\n$/);
  });
});
