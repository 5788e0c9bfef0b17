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

async function loadedBy(program: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=@orchestra/source",
      "--import",
      `data:text/javascript,${encodeURIComponent(listLoads)}`,
      "--input-type=module",
      "--eval",
      program,
    ],
    { cwd: import.meta.dirname, env: { ...process.env, NODE_OPTIONS: "" }, maxBuffer: 2 ** 26 },
  );
  return stdout.split("\n");
}

/** Whether one of the modules belongs to a package. */
function holds(urls: readonly string[], name: string): boolean {
  return urls.some((url) => url.includes(`/node_modules/${name}/`));
}

const late = ["@langchain/langgraph", "langchain", "winston", "portkey-ai", "undici"];

describe('import "@orchestra/core"', () => {
  let root: string[];
  beforeAll(async () => {
    root = await loadedBy(`
      import { Orchestra } from "@orchestra/core";
      const environment = { OPENROUTER_API_KEY: "sk-or-1", LOG_LEVEL: "info" };
      new Orchestra({ environment }).researcher();
    `);
  });

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

test("the first call goes through the undici of Node.js, and loads no other", async () => {
  const urls = await loadedBy(`
    import { Orchestra } from "@orchestra/core";
    const environment = {
      OPENROUTER_API_KEY: "sk-or-1",
      OPENROUTER_BASE_URL: "http://127.0.0.1:1/api/v1",
      LLM_MAX_RETRIES: "0",
      LOG_LEVEL: "silent",
    };
    const error = await new Orchestra({ environment }).chat("Hello").catch((thrown) => thrown);
    if (!error.message.includes("connection_error")) throw error;
  `);
  expect(holds(urls, "undici")).toBe(false);
});

test("what the root leaves out is found where it is loaded", async () => {
  const urls = await loadedBy(`
    import { createLogger } from "@orchestra/core";
    import "@orchestra/core/pipelines";
    import "langchain";
    import "portkey-ai";
    import "undici";
    createLogger({ level: "info", redact: (text) => text });
  `);
  expect(late.filter((name) => !holds(urls, name))).toEqual([]);
});
