import { expect, test } from "vitest";
import { startCli } from "../test-support/start-cli.ts";

const folder = import.meta.dirname;

async function orchestra(...args: readonly string[]) {
  await using cli = startCli(args, { folder });
  return await cli.done;
}

test.each([
  ["bash", "complete -F"],
  ["zsh", "compdef"],
  ["fish", "complete -c orchestra"],
])("prints the script for %s on standard output", async (shell, part) => {
  const { code, stdout, stderr } = await orchestra("completion", shell);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(part);
  expect(stdout).toContain("orchestra complete --");
});

test("completes commands and options, and refuses an unknown shell", async () => {
  const commands = await orchestra("complete", "--", "do");
  expect(commands.stdout).toMatch(/^doctor\t/m);
  const options = await orchestra("complete", "--", "runs", "list", "--st");
  expect(options.stdout).toMatch(/^--status\t/m);
  const unknown = await orchestra("completion", "tcsh");
  expect(unknown).toMatchObject({ code: 2, stdout: "" });
  expect(unknown.stderr).toContain("It takes one of bash, zsh, fish");
});

test("completes the values of an option; for a file or folder, leaves that to the shell", async () => {
  const status = await orchestra("complete", "--", "runs", "list", "--status", "w");
  expect(status.stdout).toMatch(/^waiting\t/);
  const shells = await orchestra("complete", "--", "completion", "");
  expect(shells.stdout).toBe("bash\t\nzsh\t\nfish\t\n:4\n");
  const file = await orchestra("complete", "--", "run", "hello", "--docs", "");
  expect(file.stdout).toBe(":0\n");
});
