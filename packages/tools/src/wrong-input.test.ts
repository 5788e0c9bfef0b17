import { expect, test } from "vitest";
import * as artifacts from "./artifacts/index.ts";
import * as documents from "./documents/index.ts";
import { temporaryFolder } from "./test-support/temporary-folder.ts";

/** JavaScript's callers have no types. */
type Untyped = Record<string, (...args: readonly unknown[]) => unknown>;
const [Documents, Artifacts] = [documents, artifacts].map((api) => api as unknown as Untyped);

const searching =
  (...given: readonly unknown[]) =>
  async () => {
    await using folder = await temporaryFolder({ "a.md": "One line." });
    const opened = (await Documents?.["openDocuments"]?.(folder.path)) as Untyped;
    return opened["search"]?.(...given);
  };

const cases: readonly (readonly [call: string, run: () => unknown, message: string])[] = [
  ["openDocuments()", () => Documents?.["openDocuments"]?.(), "folder is missing"],
  ["an empty folder", () => Documents?.["openDocuments"]?.(""), "folder is empty"],
  [
    "globs that are none",
    () => Documents?.["openDocuments"]?.(".", { ignore: 5 }),
    "options.ignore is 5",
  ],
  [
    "no files",
    () => Documents?.["openDocuments"]?.(".", { maxFiles: -5 }),
    "options.maxFiles must be",
  ],
  [
    "a query that is an object",
    searching({ query: "x" }),
    "documents.search(): query is an object",
  ],
  ["a limit of passages", searching("x", { limit: 0 }), "options.limit"],
  ["describeSkipped(5)", () => Documents?.["describeSkipped"]?.(5), "skipped is 5"],
  ["documentTools(null)", () => Documents?.["documentTools"]?.(null), "documents is null"],
  ["artifactTools(5)", () => Artifacts?.["artifactTools"]?.(5), "folder is 5"],
  [
    "a misspelt limit",
    () => Artifacts?.["artifactTools"]?.("out", { maxByte: 3 }),
    "did you mean maxBytes?",
  ],
  ["an artifact's path", () => Artifacts?.["writeArtifact"]?.("out", 5, ""), "path is 5"],
  ["an artifact's content", () => Artifacts?.["writeArtifact"]?.("out", "a.md", 5), "content is 5"],
  [
    "an artifact's limit",
    () => Artifacts?.["readArtifact"]?.("out", "a.md", { maxBytes: Number.NaN }),
    "options.maxBytes is NaN",
  ],
  ["listArtifacts()", () => Artifacts?.["listArtifacts"]?.(), "folder is missing"],
];

test.each(cases)("%s is refused, with what and where", async (_, call, message) => {
  await expect((async () => call())()).rejects.toThrow(message);
});
