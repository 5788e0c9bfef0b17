import { expect, test } from "vitest";
import { ArgumentError } from "../errors/index.ts";
import { Orchestra } from "../orchestra.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { Gateway } from "./gateway.ts";

const messages = [{ role: "user" as const, content: "Hello" }];

test("a gateway answers like an orchestra", async () => {
  await using t = await startTestOrchestra();
  const { settings } = t.orchestra;
  const gateway = new Gateway({
    settings: { openRouterApiKey: "sk-or-1", baseUrl: settings.baseUrl, logLevel: "silent" },
    environment: {},
  });
  const completion = await gateway.completions.create({ messages }, { agentType: "researcher" });
  expect(completion.choices[0]?.message.content).toBeTypeOf("string");
  expect(gateway.ledger.total.attempts).toBe(1);
  expect(gateway.roles).toEqual(["researcher"]);
});

test("an orchestra over a gateway shares its ledger, listeners, roles and circuits", async () => {
  await using t = await startTestOrchestra();
  const gateway: Gateway = t.orchestra;
  const over = new Orchestra(gateway);
  const seen: string[] = [];
  using _ = { [Symbol.dispose]: gateway.listen(({ type }) => void seen.push(type)) };
  over.agent({ name: "poet", system: "You write haiku." });
  await over.chat("Hello");
  await over.completions.create({ messages });
  expect(over.ledger).toBe(gateway.ledger);
  expect(gateway.ledger.total.attempts).toBe(2);
  expect(seen.filter((type) => type === "call-end")).toHaveLength(2);
  expect(gateway.roles).toContain("poet");
  expect(over.settings).toBe(gateway.settings);
  expect(over.circuits).toEqual(gateway.circuits);
});

test("two orchestras over one gateway make models of the same roles", async () => {
  await using t = await startTestOrchestra();
  const over = new Orchestra(t.orchestra);
  const model = over.modelFor("poet");
  expect(over.modelFor("poet")).toBe(model);
  expect(t.orchestra.modelFor("poet")).not.toBe(model);
  expect(t.orchestra.modelFor("poet").config).toBe(model.config);
});

test("a role whose model is in use stays listed, however many others are called", async () => {
  await using t = await startTestOrchestra();
  for (let count = 0; count < 1500; count += 1) {
    t.orchestra.modelFor("poet");
    t.orchestra.modelFor(`role-${count}`);
  }
  expect(t.orchestra.roles).toContain("poet");
});

test.each(["", undefined, 3])("modelFor(%s) is refused, and no role is added", async (role) => {
  await using t = await startTestOrchestra();
  expect(() => t.orchestra.modelFor(role as string)).toThrow(ArgumentError);
  expect(t.orchestra.roles).toEqual([]);
});

test("a gateway of another copy of the package is named in the error", async () => {
  await using t = await startTestOrchestra();
  const { completions, ledger } = t.orchestra;
  expect(() => new Orchestra({ completions, ledger } as object)).toThrow(
    /^new Orchestra\(\): options has the fields of a gateway of another copy of @orchestra\/core/,
  );
});

test("a declared role is listed, and no setting of it is reported as misspelt", async () => {
  const warnings: string[] = [];
  await using t = await startTestOrchestra({
    environment: { AGENT_REQUEST_MAP: '{"poet":{"seed":1},"autor":{"seed":1}}' },
    logger: {
      error: () => undefined,
      warn: (message: string) => void warnings.push(message),
      info: () => undefined,
      debug: () => undefined,
    },
  });
  t.orchestra.declareRoles(["poet"]);
  await t.orchestra.completions.create({ messages });
  expect(t.orchestra.roles).toContain("poet");
  expect(warnings).toEqual([expect.stringContaining('an entry for "autor"')]);
});

test.each([Gateway, Orchestra])("options next to a gateway are refused: %o", async (Class) => {
  await using t = await startTestOrchestra();
  // @ts-expect-error One argument is expected.
  expect(() => new Class(t.orchestra, { onCall: () => undefined })).toThrow(
    `new ${Class.name}() takes one argument, the options or a gateway, but it got 2`,
  );
});
