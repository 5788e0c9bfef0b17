import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { doctor, onSandbox, openScene } from "./__fixtures__/scene.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/openrouter-pro.md"), "utf8");

test("docs/openrouter-pro.md shows what the doctor prints for an account with credits", async () => {
  await using scene = await openScene();
  const environment = await onSandbox(scene, { limits: { tier: "pro" } });
  const { stdout } = await doctor(scene.folder, environment, "--only", "account");
  const account = stdout.slice(stdout.indexOf("account\n"), stdout.lastIndexOf("\n\n"));
  // Line breaks depend on the terminal, and amounts on the account.
  const words = (text: string) => text.replaceAll(/\s+/g, " ").replaceAll(/\$[\d.]*\d/g, "$0");
  expect(account).toContain("✓");
  expect(words(page)).toContain(words(account));
});
