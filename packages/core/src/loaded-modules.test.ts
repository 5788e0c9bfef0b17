import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";

/** Prints the address of every module and CommonJS file that a program loads, one a line. */
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

const mark = "-- the next program";

/** What programs load, one after the other. */
async function loadedBy(...programs: readonly string[]): Promise<readonly string[][]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=@orchestra/source",
      "--import",
      `data:text/javascript,${encodeURIComponent(listLoads)}`,
      "--input-type=module",
      "--eval",
      programs.join(`console.log("${mark}");`),
    ],
    { cwd: import.meta.dirname, env: { ...process.env, NODE_OPTIONS: "" }, maxBuffer: 2 ** 26 },
  );
  return stdout.split(mark).map((urls) => urls.split("\n"));
}

/** Whether one of the modules belongs to a package. */
function holds(urls: readonly string[], name: string): boolean {
  return urls.some((url) => url.includes(`/node_modules/${name}/`));
}

const late = ["@langchain/langgraph", "langchain", "winston", "portkey-ai", "undici"];

let root: string[];
let firstCall: string[];
let rest: string[];
beforeAll(async () => {
  [root = [], firstCall = [], rest = []] = await loadedBy(
    `
      const { createLogger, Orchestra } = await import("@orchestra/core");
      const environment = { OPENROUTER_API_KEY: "sk-or-1", LOG_LEVEL: "info" };
      new Orchestra({ environment }).researcher();
    `,
    `
      const unreachable = {
        ...environment,
        OPENROUTER_BASE_URL: "http://127.0.0.1:1/api/v1",
        LLM_MAX_RETRIES: "0",
        LOG_LEVEL: "silent",
      };
      const orchestra = new Orchestra({ environment: unreachable });
      const error = await orchestra.chat("Hello").catch((thrown) => thrown);
      if (!error.message.includes("connection_error")) throw error;
    `,
    `
      await import("@orchestra/core/pipelines");
      await import("langchain");
      await import("portkey-ai");
      await import("undici");
      createLogger({ level: "info", redact: (text) => text });
    `,
  );
});

describe('import "@orchestra/core"', () => {
  test("loads LangChain's ChatOpenAI", () => {
    expect(holds(root, "@langchain/openai")).toBe(true);
  });

  test.each(late)("does not load %s, nor does an agent", (name) => {
    expect(holds(root, name)).toBe(false);
  });

  test("does not import node:util, whose exports take milliseconds to make", () => {
    expect(root.some((url) => url.startsWith("node:"))).toBe(true);
    expect(root).not.toContain("node:util");
  });
});

describe('import "@orchestra/core/gateway"', () => {
  let urls: readonly string[];
  beforeAll(async () => {
    [urls = []] = await loadedBy(`
      await import("@orchestra/core/extend");
      const { Gateway } = await import("@orchestra/core/gateway");
      const environment = {
        OPENROUTER_API_KEY: "sk-or-1",
        OPENROUTER_BASE_URL: "http://127.0.0.1:1/api/v1",
        LLM_MAX_RETRIES: "0",
        LOG_LEVEL: "silent",
      };
      const messages = [{ role: "user", content: "Hello" }];
      const { completions } = new Gateway({ environment });
      const error = await completions.create({ messages }).catch((thrown) => thrown);
      if (!error.message.includes("connection_error")) throw error;
    `);
  });

  test.each([...late, "@langchain/openai", "openai", "langsmith"])(
    "does not load %s, nor does a call",
    (name) => expect(holds(urls, name)).toBe(false),
  );

  test("loads of LangChain its errors alone", () => {
    const loaded = urls.filter((url) => url.includes("/node_modules/@langchain/core/"));
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.length).toBeLessThan(5);
  });
});

test("a test that replays a run loads no test runner: only the conformance suites need one", async () => {
  const testing = 'await import("@orchestra/core/testing");';
  const [urls = []] = await loadedBy(testing);
  expect(urls.some((url) => url.endsWith("/testing/replay-journal.ts"))).toBe(true);
  for (const name of ["vitest", "fast-check"]) expect(holds(urls, name)).toBe(false);
});

test("the first call goes through the undici of Node.js, and loads no other", () => {
  expect(holds(firstCall, "undici")).toBe(false);
});

test("what the root leaves out is found where it is loaded", () => {
  const urls = [...firstCall, ...rest];
  expect(late.filter((name) => !holds(urls, name))).toEqual([]);
});
