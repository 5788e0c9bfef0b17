import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { runHere } from "../test-support/run-here.ts";
import { startStage } from "../test-support/start-stage.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

test("orchestra keys creates a key, prints it once, lists it, and revokes it", async () => {
  await using folder = await temporaryFolder();
  await using stage = await startStage();
  const orchestra = (...args: readonly string[]) =>
    runHere(["keys", ...args], { folder: folder.path, environment: stage.environment });
  const create = await orchestra(
    ..."create team --scope chat,runs:read --rate 60 --usd-per-day 5 --role writer".split(" "),
    ..."--usd-total 0.05 --expires 2999-01-31".split(" "),
  );
  expect(create).toMatchObject({ code: 0, stderr: "Keep it: it is not shown again.\n" });
  expect(create.stdout).toMatch(/^ok-orch-[\w-]{48}\n$/);

  const list = await orchestra("list");
  expect(list.stdout).toContain("  team\n");
  expect(list.stdout.replaceAll(/\s+/g, " ")).toContain(
    `…${create.stdout.trim().slice(-4)}, chat runs:read, 60 requests a minute, $5.00 a day, $0.05 in total, roles writer, until 2999-01-31`,
  );
  const json = await orchestra("list", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject([{ name: "team", scopes: ["chat", "runs:read"] }]);
  expect(list.stdout + json.stdout).not.toContain(create.stdout.trim());

  const again = await orchestra("create", "team");
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('There is a key named "team"');
  expect(await orchestra("revoke", "team")).toMatchObject({ code: 0, stderr: "Revoked team.\n" });
  expect((await orchestra("list")).stdout).toContain("revoked ");
  expect(await orchestra("revoke", "team")).toMatchObject({ code: 2 });
});

test("orchestra keys create in an embedded database says that a running server has to be restarted", async () => {
  await using folder = await temporaryFolder();
  const { code, stderr } = await runHere(["keys", "create", "team"], {
    folder: folder.path,
    environment: {},
  });
  expect(code).toBe(0);
  expect(stderr.replaceAll(/\s+/g, " ")).toContain(
    "A server that is running in this folder does not read the key: restart it.",
  );
});

test("orchestra keys create warns of a role that is most likely misspelt", async () => {
  await using folder = await temporaryFolder();
  await using stage = await startStage();
  const environment = { ...stage.environment, AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o"}' };
  const { code, stderr } = await runHere(["keys", "create", "a", "--role", "wirter,writer,poet"], {
    folder: folder.path,
    environment,
  });
  expect(code).toBe(0);
  expect(stderr.replaceAll(/\s+/g, " ")).toBe(
    '--role has the role "wirter". Did you mean writer? Then revoke this key and create another one. Keep it: it is not shown again. ',
  );
});

test.each([
  [["create", "a", "--scope", "root"], /It takes scopes of chat, runs:read/],
  [["create", "a", "--expires", "2001-01-01"], /It takes a day or an instant in the future/],
  [["create", "a", "--expires", "2999-02-31"], /It takes a day or an instant in the future/],
  [
    ["create", "a", "--expires", "2999-02-31T12:00:00Z"],
    /It takes a day or an instant in the future/,
  ],
  [["create", "a", "--usd-per-day", "-1"], /number of US dollars/],
  [["create"], /missing required argument 'name'/],
])("orchestra keys reports what is wrong with %j", async (args, message) => {
  await using folder = await temporaryFolder();
  const { code, stderr } = await runHere(["keys", ...args], { folder: folder.path });
  expect(stderr.replaceAll(/\s+/g, " ")).toMatch(message);
  expect(code).toBe(2);
});

test("orchestra keys list and revoke do not create a database", async () => {
  await using folder = await temporaryFolder();
  const orchestra = (...args: readonly string[]) =>
    runHere(["keys", ...args], { folder: folder.path, environment: {} });
  const none = {
    code: 0,
    stderr: expect.stringMatching(
      /^There are no keys: none was created in [^]*\sorchestra\skeys\screate\sNAME\screates\sone\.\n$/,
    ),
  };
  expect(await orchestra("list")).toMatchObject({ ...none, stdout: "" });
  expect(await orchestra("list", "--json")).toMatchObject({ ...none, stdout: "[]\n" });
  expect(await orchestra("revoke", "team")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no key "team": none was created in '),
  });
  expect(await readdir(folder.path)).toEqual([]);
});
