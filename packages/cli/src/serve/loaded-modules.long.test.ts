import { expect, test } from "vitest";
import { startCli } from "../test-support/start-cli.ts";
import { startStage } from "../test-support/start-stage.ts";

/** Writes the address of every file that the process loads to its standard error. */
const listLoads = `
  import { registerHooks } from "node:module";
  import { writeSync } from "node:fs";
  registerHooks({
    load(url, context, next) {
      if (url.startsWith("file:")) writeSync(2, url + "\\n");
      return next(url, context);
    },
  });
`;

/** What takes long to load, and only a process that executes runs, or has no server for them, needs. */
const late = [
  "@langchain/langgraph",
  "@langchain/langgraph-checkpoint",
  "@langchain/langgraph-checkpoint-postgres",
  "langchain",
  "@electric-sql/pglite",
];

/** Files of libraries: each takes time to find, read and compile, on any machine. */
const maxFiles = 1010;

test("orchestra serve without a worker, and orchestra runs, load neither LangGraph nor PGlite", async () => {
  await using stage = await startStage();
  const environment = {
    ...stage.environment,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(listLoads)}`,
  };
  const options = { folder: stage.folder, environment };
  await using server = startCli(["serve", "--port", "0", "--no-worker"], options);
  await server.saw("server listens");
  server.stop("SIGTERM");
  await using list = startCli(["runs", "list"], options);
  for (const { code, stderr } of [await server.done, await list.done]) {
    expect(code).toBe(0);
    const files = stderr.split("\n").filter((line) => line.includes("/node_modules/"));
    const holds = (name: string) => files.some((url) => url.includes(`/node_modules/${name}/`));
    expect(holds("@langchain/openai")).toBe(true);
    expect(late.filter(holds)).toEqual([]);
    expect(files.length).toBeLessThan(maxFiles);
  }
});
