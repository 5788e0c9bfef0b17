import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Prints every file and every module of Node.js that is loaded for the help. */
const script = `
import { registerHooks } from "node:module";
const before = new Set(process.moduleLoadList);
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith("file:")) console.error(url);
    return next(url, context);
  },
});
process.argv[2] = "--help";
await import(${JSON.stringify(join(import.meta.dirname, "main.ts"))});
for (const name of process.moduleLoadList) if (!before.has(name)) console.error(name);
`;

/** The definitions of commands, and the modules that every command needs before its arguments are parsed. */
const ownModules = `
arguments.ts completion/completion-command.ts doctor/doctor-command.ts doctor/index.ts env-file/env-file.ts
env-file/env-lines.ts errors/exit-codes.ts errors/failed-error.ts errors/usage-error.ts help/help-command.ts
help/unknown-command-error.ts init/init-command.ts interruption.ts keys/keys-command.ts main.ts
migrate/migrate-command.ts models/models-command.ts program.ts run.ts runs/run-command.ts runs/runs-command.ts
serve/serve-command.ts terminal/columns.ts terminal/help.ts usage/usage-command.ts worker/index.ts
worker/worker-command.ts
`;

/** Limit for all files together: each takes time to read and to compile. */
const maxBytes = 188_000;

test("the help loads only commander and the definitions of the commands", async () => {
  const args = ["--conditions=@orchestra/source", "--input-type=module", "--eval", script, "main"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toContain("Usage: orchestra");
  const lines = stderr.trimEnd().split("\n");
  const files = lines.filter((line) => line.startsWith("file:")).map((url) => fileURLToPath(url));
  const own = files.filter((file) => file.startsWith(import.meta.dirname));
  const names = own.map((file) => relative(import.meta.dirname, file).replaceAll("\\", "/"));
  expect(names.toSorted()).toEqual(ownModules.trim().split(/\s+/).toSorted());
  const others = files.filter((file) => !own.includes(file));
  expect(others.filter((file) => !/[\\/](commander|cli[\\/]package\.json)/.test(file))).toEqual([]);
  const bytes = files.map((file) => statSync(file).size).reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeLessThan(maxBytes);
  // Modules for network connections. `net` is not listed: pipes need it too.
  const heavy = lines.filter((line) =>
    /^NativeModule (http|https|http2|tls|dns|crypto|zlib|internal\/deps\/undici)/.test(line),
  );
  expect(heavy).toEqual([]);
});
