import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { artifactTools, type ArtifactToolsOptions } from "./index.ts";

async function call(
  folder: string,
  name: string,
  input: object,
  options?: ArtifactToolsOptions,
): Promise<unknown> {
  const found = artifactTools(folder, options).find((tool) => tool.name === name);
  if (!found) throw new Error(`no tool ${name}`);
  const answer: unknown = await found.invoke(input);
  if (typeof answer !== "string") throw new Error("a tool answers with text");
  return JSON.parse(answer);
}

describe("write_artifact", () => {
  test("writes, and answers the same when it is called again", async () => {
    await using folder = await temporaryFolder({});
    const out = join(folder.path, "out");
    const input = { path: "./notes/lamp.md", content: "Nine hours.\n" };
    const answer = await call(out, "write_artifact", input);
    expect(answer).toEqual({
      path: "notes/lamp.md",
      bytes: 12,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await call(out, "write_artifact", input)).toEqual(answer);
    expect(await readFile(join(out, "notes/lamp.md"), "utf8")).toBe("Nine hours.\n");
  });

  test("answers with what to do instead", async () => {
    await using folder = await temporaryFolder({});
    const write = (path: string, content = "x") =>
      call(join(folder.path, "out"), "write_artifact", { path, content }, { maxBytes: 4 });
    expect(await write("../a.md")).toEqual({
      error: '"../a.md" leads out of its folder with ".."; leave that out.',
    });
    expect(await write("/out/a.md")).toEqual({
      error: expect.stringContaining("give one relative to the folder"),
    });
    expect(await write("a.md", "hello")).toEqual({
      error: expect.stringContaining("Write less, or several files."),
    });
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("throws errors that a model cannot fix", async () => {
    await using folder = await temporaryFolder({ out: "a file" });
    const writing = call(join(folder.path, "out"), "write_artifact", { path: "a", content: "x" });
    await expect(writing).rejects.toMatchObject({ code: "EEXIST" });
  });
});

describe("tools without a folder", () => {
  const [write, list] = artifactTools();

  test("use the one of the durable run that calls them", async () => {
    await using folder = await temporaryFolder({});
    for (const run of ["one", "two"]) {
      const config = { configurable: { artifacts_folder: join(folder.path, run) } };
      await write?.invoke({ path: `${run}.md`, content: run }, config);
      expect(JSON.parse((await list?.invoke({}, config)) as string)).toMatchObject({
        artifacts: [{ path: `${run}.md` }],
      });
    }
  });

  test("report the missing folder outside of a run", async () => {
    await expect(write?.invoke({ path: "a.md", content: "a" })).rejects.toThrow(
      'expected a path. Give it one, as in artifactTools("./out")',
    );
  });
});

describe("list_artifacts", () => {
  test("lists what there is, two hundred at most, and how many there are", async () => {
    await using folder = await temporaryFolder({ "b.md": "two", "a.md": "" });
    expect(await call(folder.path, "list_artifacts", {})).toEqual({
      artifacts: [
        { path: "a.md", bytes: 0 },
        { path: "b.md", bytes: 3 },
      ],
      total: 2,
    });
    const names = Array.from({ length: 200 }, (_, number) => join(folder.path, `c${number}`));
    await Promise.all(names.map((name) => writeFile(name, "")));
    const listed = (await call(folder.path, "list_artifacts", {})) as { artifacts: object[] };
    expect(listed).toMatchObject({ total: 202 });
    expect(listed.artifacts).toHaveLength(200);
  });
});

describe("read_artifact", () => {
  test("reads in pieces", async () => {
    const text = `${"x".repeat(12_000)}end`;
    await using folder = await temporaryFolder({ "a.md": text });
    const first = await call(folder.path, "read_artifact", { path: "a.md" });
    expect(first).toMatchObject({
      path: "a.md",
      bytes: 12_003,
      text: text.slice(0, 12_000),
      note: "Read on with fromCharacter 12000.",
    });
    const rest = await call(folder.path, "read_artifact", { path: "a.md", fromCharacter: 12_000 });
    expect(rest).toMatchObject({ bytes: 12_003, text: "end" });
    expect(rest).not.toHaveProperty("note");
    expect(await call(folder.path, "read_artifact", { path: "a.md", fromCharacter: null })).toEqual(
      first,
    );
  });

  test("answers with what to do instead", async () => {
    await using folder = await temporaryFolder({ "out/a.md": "", "secret.md": "secret" });
    const read = (path: string) => call(join(folder.path, "out"), "read_artifact", { path });
    expect(await read("b.md")).toEqual({
      error: "There is no artifact b.md; list_artifacts lists them.",
    });
    expect(await read("../secret.md")).toEqual({ error: expect.stringContaining('".."') });
  });
});
