import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startSandbox } from "@orchestra/sandbox";
import { expect, test } from "vitest";
import { ownSchema } from "../test-support/own-schema.ts";
import { runHere } from "../test-support/run-here.ts";
import { startCli } from "../test-support/start-cli.ts";
import { config } from "../test-support/run-at.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

test("orchestra serve answers requests until it is stopped", async () => {
  await using folder = await temporaryFolder();
  await using sandbox = await startSandbox();
  await using running = startCli(["serve", "--port", "0", "--grace", "5"], {
    folder: folder.path,
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini","executer":"openai/gpt-4o"}',
    },
  });
  const { url } = (await running.saw("server listens")) as unknown as { readonly url: string };
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      agent_type: "writer",
      messages: [{ role: "user", content: "Hello" }],
    }),
  });
  expect(response.status).toBe(200);
  expect(sandbox.books.entries[0]?.body).toMatchObject({ model: "openai/gpt-4o-mini" });
  running.stop("SIGTERM");
  const { code } = await running.done;
  expect(code).toBe(0);
  const messages = running.log().map(({ message }) => message);
  expect(messages).toContain("stopped");
  expect(messages.filter((message) => message.includes("AGENT_MODEL_MAP"))).toEqual([
    'AGENT_MODEL_MAP has the role "executer". Did you mean executor?',
  ]);
});

test.each([
  [
    ["--no-worker", "--config", config],
    {},
    2,
    /--no-worker, no process would execute.*DATABASE_URL/s,
  ],
  [["--host", "0.0.0.0"], {}, 2, /ORCHESTRA_SERVER_KEYS.*other machines can reach/s],
  [["--port", "70000"], {}, 2, /from 0 to 65535/],
  [[], { ORCHESTRA_SERVER_PORT: "http" }, 2, /ORCHESTRA_SERVER_PORT/],
  [["--config", "none.ts"], {}, 2, /no file/],
  [["--host", "192.0.2.1"], { ORCHESTRA_SERVER_KEYS: "a-key-0123456789" }, 1, /no such address/],
])("orchestra serve %j says what is wrong", async (args, environment, exitCode, message) => {
  await using folder = await temporaryFolder();
  const { code, stderr } = await runHere(["serve", ...args], {
    folder: folder.path,
    environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789", ...environment },
  });
  expect(stderr).toMatch(message);
  expect(code).toBe(exitCode);
});

test("orchestra serve closes the database if the agents of the config cannot be created", async () => {
  await using schema = ownSchema();
  await using folder = await temporaryFolder();
  const broken = 'export default { agents: () => { throw new Error("broken"); } };';
  await writeFile(join(folder.path, "orchestra.config.mjs"), broken);
  const name = `test_${randomUUID()}`;
  const { DATABASE_URL, ...environment } = schema.environment;
  const { code, stderr } = await runHere(["serve", "--port", "0"], {
    folder: folder.path,
    environment: {
      ...environment,
      DATABASE_URL: `${DATABASE_URL}?application_name=${name}`,
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
    },
  });
  expect(stderr).toContain("agents fails: Error: broken");
  expect(code).toBe(2);
  await using database = await schema.open();
  const connections = async () =>
    database.query("SELECT 1 FROM pg_stat_activity WHERE application_name = $1", [name]);
  await expect.poll(connections).toEqual([]);
});
