import { expect, test } from "vitest";
import { z } from "zod";
import { defineRole } from "../agents/index.ts";
import { completion } from "../completions/__fixtures__/completions.ts";
import { Orchestra } from "../orchestra.ts";
import { silentLogger } from "../usage/index.ts";
import { Gateway } from "./gateway.ts";

test("entries for roles that do not exist are named once, with the first call", async () => {
  const warnings: string[] = [];
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      AGENT_MODEL_MAP: '{"executor":"openai/gpt-4o","reseacher":"openai/gpt-4o"}',
      AGENT_REQUEST_MAP: '{"validator":{"temperature":0},"exceutor":{"temperature":0}}',
    },
    logger: { ...silentLogger, warn: (message: string) => void warnings.push(message) },
    fetch: async () => Response.json(completion()),
  });
  const messages = [{ role: "user" as const, content: "Hello" }];
  orchestra.executor();
  orchestra.validator();
  await orchestra.completions.create({ messages });
  await orchestra.completions.create({ messages });
  expect(warnings).toEqual([
    expect.stringContaining('AGENT_MODEL_MAP has an entry for "reseacher"'),
    expect.stringContaining('AGENT_REQUEST_MAP has an entry for "exceutor"'),
  ]);
});

test("an entry for a role that is defined or asked for before the first call is not named", async () => {
  const warnings: string[] = [];
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      AGENT_MODEL_MAP: '{"translator":"openai/gpt-4o","poet":"openai/gpt-4o"}',
    },
    logger: { ...silentLogger, warn: (message: string) => void warnings.push(message) },
    fetch: async () => Response.json(completion()),
  });
  const text = z.object({ text: z.string() });
  orchestra.agent(
    defineRole({ name: "translator", system: "Translate.", input: text, output: text }),
  );
  await orchestra.chat("Hello", { agent_type: "poet" });
  expect(warnings).toEqual([]);
});

test("entries for the general role are used by every call without a role, and are not named", async () => {
  const warnings: string[] = [];
  const gateway = new Gateway({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      AGENT_MODEL_MAP: '{"general":"openai/gpt-4o"}',
      AGENT_REQUEST_MAP: '{"general":{"temperature":0}}',
    },
    logger: { ...silentLogger, warn: (message: string) => void warnings.push(message) },
    fetch: async () => Response.json(completion()),
  });
  await gateway.completions.create({ messages: [{ role: "user", content: "Hello" }] });
  expect(gateway.ledger.total.calls).toBe(1);
  expect(warnings).toEqual([]);
});
