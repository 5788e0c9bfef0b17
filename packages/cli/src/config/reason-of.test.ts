import { expect, test } from "vitest";
import { reasonOf } from "./reason-of.ts";

const missing = (message: string) =>
  Object.assign(new Error(message), { code: "ERR_MODULE_NOT_FOUND" });

test.each([
  ["Cannot find package 'zed' imported from /a/mine.ts", "npm install zed"],
  ["Cannot find package '@a/zed' imported from /a/mine.ts", "npm install @a/zed"],
  [
    "Cannot find package '/a/node_modules/zed/index.js' imported from /a/mine.ts",
    "Correct the path",
  ],
  ["Cannot find module '/a/gone.ts' imported from /a/mine.ts", "Correct the path in the import."],
])("advises what to do about: %s", (message, advice) => {
  const reason = reasonOf(missing(message), "mine.ts");
  expect(reason).toContain(`Error: ${message}`);
  expect(reason).toContain(advice);
});
