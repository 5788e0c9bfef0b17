import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Prints every module that is loaded for the help, but those of Node.js. */
const script = `
import { registerHooks } from "node:module";
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith("file:")) console.error(url);
    return next(url, context);
  },
});
process.argv[2] = "--help";
await import(${JSON.stringify(join(import.meta.dirname, "main.ts"))});
`;

test(
  "help loads commander and the definitions of commands alone",
  { timeout: 60_000 },
  async () => {
    const args = [
      "--conditions=@orchestra/source",
      "--input-type=module",
      "--eval",
      script,
      "main",
    ];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toContain("Usage: orchestra");
    const modules = stderr.trimEnd().split("\n");
    expect(modules.length).toBeGreaterThan(10);
    const others = modules.filter(
      (url) => !url.includes("/packages/cli/") && !url.includes("/commander/"),
    );
    expect(others).toEqual([]);
  },
);
