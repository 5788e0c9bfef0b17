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

async function loadedBy(entry: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=@orchestra/source",
      "--import",
      `data:text/javascript,${encodeURIComponent(listLoads)}`,
      "--input-type=module",
      "--eval",
      `import "@orchestra/tools/${entry}";`,
    ],
    { cwd: import.meta.dirname, env: { ...process.env, NODE_OPTIONS: "" }, maxBuffer: 2 ** 26 },
  );
  return stdout;
}

const ofMcp = ["/node_modules/@modelcontextprotocol/", "/node_modules/@langchain/mcp-adapters/"];

test.each(["documents", "artifacts"])("%s loads no code of MCP", async (entry) => {
  const urls = await loadedBy(entry);
  expect(urls).toContain(`/src/${entry}/index.ts`);
  for (const part of [...ofMcp, "/src/mcp/"]) expect(urls).not.toContain(part);
});

test("that code is found where it is loaded", async () => {
  const urls = await loadedBy("mcp");
  for (const part of ofMcp) expect(urls).toContain(part);
});
