import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Prints the address of every module that a program loads, one a line. */
const listLoads = `
  import { registerHooks } from "node:module";
  import { writeSync } from "node:fs";
  registerHooks({
    load(url, context, next) {
      writeSync(1, url + "\\n");
      return next(url, context);
    },
  });
`;

const mark = "-- the next entry";

/** What entries load, one after the other. */
async function loadedBy(...entries: readonly string[]): Promise<string[]> {
  const program = entries.map((entry) => `await import("@orchestra/tools/${entry}");`);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=@orchestra/source",
      "--import",
      `data:text/javascript,${encodeURIComponent(listLoads)}`,
      "--input-type=module",
      "--eval",
      program.join(`console.log("${mark}");`),
    ],
    { cwd: import.meta.dirname, env: { ...process.env, NODE_OPTIONS: "" }, maxBuffer: 2 ** 26 },
  );
  return stdout.split(mark);
}

const ofMcp = ["/node_modules/@modelcontextprotocol/", "/node_modules/@langchain/mcp-adapters/"];

test("documents and artifacts load no code of MCP, which is found where it is loaded", async () => {
  const [documents, artifacts, mcp] = await loadedBy("documents", "artifacts", "mcp");
  expect(documents).toContain("/src/documents/index.ts");
  expect(artifacts).toContain("/src/artifacts/index.ts");
  for (const part of [...ofMcp, "/src/mcp/"])
    expect(`${documents}${artifacts}`).not.toContain(part);
  for (const part of ofMcp) expect(mcp).toContain(part);
});
