import { expect, test } from "vitest";
import { startCli, type Ended } from "../test-support/start-cli.ts";
import { startStage } from "../test-support/start-stage.ts";

/** Prints the URL of each file that the process loads on standard error. */
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

/** Packages that take long to load. Only executing runs, or an embedded database, needs them. */
const late = [
  "@langchain/openai",
  "openai",
  "langsmith",
  "@langchain/langgraph",
  "@langchain/langgraph-checkpoint",
  "@langchain/langgraph-checkpoint-postgres",
  "langchain",
  "@electric-sql/pglite",
];

/** Limits for the files of libraries: each takes time to find, read and compile. */
const maxFiles = { serve: 350, others: 240 };

test("orchestra serve without a worker, runs and doctor load only what they use", async () => {
  await using stage = await startStage();
  const environment = {
    ...stage.environment,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(listLoads)}`,
  };
  const options = { folder: stage.folder, environment };
  await using server = startCli(["serve", "--port", "0", "--no-worker"], options);
  await server.saw("server listens");
  server.stop("SIGTERM");
  const ofServer = librariesOf(await server.done);
  expect(late.filter(ofServer.holds)).toEqual([]);
  expect(ofServer.holds("hono")).toBe(true);
  expect(ofServer.count).toBeLessThan(maxFiles.serve);

  for (const args of [["runs", "list"], ["doctor"]]) {
    await using command = startCli(args, options);
    const { holds, count } = librariesOf(await command.done);
    expect([...late, "hono", "prom-client"].filter(holds)).toEqual([]);
    expect(count).toBeLessThan(maxFiles.others);
  }
});

function librariesOf({ code, stderr }: Ended) {
  expect(code).toBe(0);
  const files = stderr.split("\n").filter((line) => line.includes("/node_modules/"));
  const holds = (name: string) => files.some((url) => url.includes(`/node_modules/${name}/`));
  return { holds, count: files.length };
}
