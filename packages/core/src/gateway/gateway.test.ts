import { expect, test } from "vitest";
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
