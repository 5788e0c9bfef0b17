import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { addEnvFile } from "./env-file.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

describe("addEnvFile()", () => {
  test("adds variables, and does not replace those that are set, even to an empty text", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, ".env");
    await writeFile(path, "# a comment\nLLM_MAX_RETRIES=5\nLOG_LEVEL='debug'\nEMPTY=x\n");
    const environment = { LOG_LEVEL: "error", EMPTY: "" };
    const added = addEnvFile(folder.path, environment);
    expect(added).toEqual({ path, names: new Set(["LLM_MAX_RETRIES"]), problems: [] });
    expect(environment).toEqual({ LLM_MAX_RETRIES: "5", LOG_LEVEL: "error", EMPTY: "" });
  });

  test.each([
    ["a byte order mark", Buffer.from("\uFEFFFIRST=1\r\nSECOND=2\r\nSECOND=3\r\n")],
    ["UTF-16", Buffer.from("\uFEFFFIRST=1\r\nSECOND=3\r\n", "utf16le")],
  ])("reads a file with %s; the last of two lines with one name counts", async (_, bytes) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, ".env"), bytes);
    const environment = {};
    addEnvFile(folder.path, environment);
    expect(environment).toEqual({ FIRST: "1", SECOND: "3" });
  });

  test("reports lines that are not valid, and reads the others", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, ".env"), "=secret\nFIRST=1\nSECOND: secret\n");
    const environment = {};
    const added = addEnvFile(folder.path, environment);
    expect(environment).toEqual({ FIRST: "1" });
    expect(added?.problems).toEqual([
      expect.stringMatching(/^Line 1 of \.env is not used: what is before its = is not a name/),
      "Line 3 of .env is not used: it has no =: expected NAME=value.",
    ]);
  });

  test("adds nothing without a .env file, or where .env is a folder", async () => {
    await using folder = await temporaryFolder();
    expect(addEnvFile(folder.path, {})).toBeUndefined();
    await mkdir(join(folder.path, ".env"));
    expect(addEnvFile(folder.path, {})).toBeUndefined();
  });

  test("reports a file that cannot be read", async () => {
    await using folder = await temporaryFolder();
    await symlink(".env", join(folder.path, ".env"));
    expect(addEnvFile(folder.path, {})).toMatchObject({
      names: new Set(),
      problems: [expect.stringMatching(/^The variables of \.env are not set: ELOOP/)],
    });
  });
});
