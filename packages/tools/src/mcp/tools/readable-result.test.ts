import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { expect, test } from "vitest";
import { readableResult } from "./readable-result.ts";

const text = (value: string) => ({ type: "text" as const, text: value });
const image = { type: "image" as const, data: "AAAA", mimeType: "image/png" };
const blob = { type: "resource" as const, resource: { uri: "file:///a.pdf", blob: "AAAA" } };

test.each<[string, CallToolResult, string, unknown[]]>([
  ["texts", { content: [text("one"), text("two")] }, "one\ntwo", []],
  ["nothing", { content: [] }, "", []],
  ["structured content alone", { content: [], structuredContent: { a: 1 } }, '{"a":1}', []],
  [
    "structured content that repeats the text",
    { content: [text('{"a":1}')], structuredContent: { a: 1 } },
    '{"a":1}',
    [],
  ],
  ["an image", { content: [image] }, "[image, image/png, 3 bytes]", [image]],
  [
    "a text file",
    { content: [{ type: "resource", resource: { uri: "file:///a.txt", text: "Hi" } }] },
    "Hi",
    [],
  ],
  ["another file", { content: [blob] }, "[file file:///a.pdf, 3 bytes]", [blob]],
  [
    "a link",
    { content: [{ type: "resource_link", name: "a", uri: "file:///a" }] },
    "[a: file:///a]",
    [],
  ],
])("a result of %s", (_, result, readable, files) => {
  expect(readableResult(result)).toEqual({ text: readable, files });
});
