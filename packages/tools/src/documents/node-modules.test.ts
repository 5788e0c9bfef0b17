import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { openDocuments } from "./index.ts";

const require = createRequire(import.meta.url);

/** Folders that were not written for a test, with queries. */
const folders = [
  ["minisearch", ["fuzzy search", "how to remove a document", "license", "auto suggestions"]],
  ["zod", ["parse a schema", "handling errors", "what is zod", "infer a type"]],
] as const;

describe.each(folders)("the installed package %s", (name, queries) => {
  const folder = packageFolder(name);

  test("returns passages with the right line numbers", async () => {
    const collection = await openDocuments(folder);
    for (const query of queries) {
      const passages = collection.search(query);
      expect({ query, found: passages.length }).not.toEqual({ query, found: 0 });
      for (const { path, line, text } of passages) {
        const file = (await readFile(join(folder, path), "utf8")).split(/\r?\n/);
        const lines = text.split("\n");
        expect(file[line - 1]).toContain(lines[0]);
        expect(file[line - 1 + lines.length - 1]).toContain(lines.at(-1));
        expect(collection.locate({ path, line, quote: text })).toEqual({
          path,
          line,
          endLine: line + lines.length - 1,
          text,
        });
      }
    }
  });
});

function packageFolder(name: string): string {
  const searched = require.resolve.paths(name) ?? [];
  const found = searched.map((modules) => join(modules, name)).find(exists);
  if (found === undefined)
    throw new Error(`${name} is not installed above ${dirname(import.meta.url)}`);
  return found;
}

function exists(path: string): boolean {
  try {
    return realpathSync(path) !== "";
  } catch {
    return false;
  }
}
