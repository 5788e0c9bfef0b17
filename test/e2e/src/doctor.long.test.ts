import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startGateway } from "./gateway.ts";

const command = join(import.meta.dirname, "../../../packages/cli/src/main.ts");

test("orchestra doctor finds no problem with Portkey's own gateway and its streams", async () => {
  await using gateway = await startGateway();
  const args = ["--conditions=@orchestra/source", command, "doctor", "--only", "portkey", "--json"];
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = {
    PATH,
    NODE_COMPILE_CACHE,
    OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
    PORTKEY_GATEWAY_URL: gateway.url,
    PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o"}]',
  };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  expect(JSON.parse(stdout)).toMatchObject({
    findings: [
      { check: "portkey/gateway", severity: "ok" },
      {
        check: "portkey/streaming",
        severity: "ok",
        message: "Streams pass through the gateway.",
      },
    ],
  });
});
