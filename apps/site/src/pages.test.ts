import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveSettings, variables, type Variable } from "@orchestra/core";
import { runtimeVariables } from "@orchestra/runtime";
import { serverVariables } from "@orchestra/server/settings";
import { startSandbox } from "@orchestra/sandbox";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const pages = globSync(["*.md", "docs/**/*.md", "{packages,apps}/*/README.md"], { cwd: root }).map(
  (path) => ({ path, text: readFileSync(join(root, path), "utf8") }),
);

const ofModels = new Set(
  Object.values<Variable<unknown>>(variables).map(({ variable }) => variable),
);
const ofPackages = new Set<string>(
  [...runtimeVariables, ...serverVariables].map(({ name }) => name),
);

/** What a page's shell commands set: `export NAME=value`, or `NAME=value` alone in its line. */
function assignmentsOf(page: string): [name: string, value: string][] {
  const blocks = [...page.matchAll(/^```(?:bash|console)\n(.*?)^```$/gms)].map(
    ([, code = ""]) => code,
  );
  const assignment = /(?:^|export |\$ )([A-Z][A-Z_]+)=('[^']*'|"[^"]*"|\S*)/gm;
  return blocks.flatMap((code) =>
    [...code.matchAll(assignment)].map(([, name = "", value = ""]): [string, string] => [
      name,
      value.replace("…", "0123456789"),
    ]),
  );
}

describe("settings in the docs", () => {
  const assignments = pages.flatMap(({ path, text }) =>
    assignmentsOf(text).map(([name, value]) => ({ path, name, value })),
  );
  const isOurs = (name: string) => ofModels.has(name) || ofPackages.has(name);

  test("are found by this test", () => {
    expect(assignments.length).toBeGreaterThan(50);
  });

  test("exist", () => {
    const prefixes = /^(OPENROUTER|LLM|PORTKEY|ORCHESTRA|AGENT|LOG|DOCUMENTS)_/;
    const unknown = assignments.filter(({ name }) => prefixes.test(name) && !isOurs(name));
    expect(unknown).toEqual([]);
  });

  test.each(assignments.filter(({ name }) => ofModels.has(name)))(
    "$path sets $name to a value that is accepted: $value",
    ({ name, value }) => {
      const environment = { OPENROUTER_API_KEY: "sk-or-v1-0123456789", [name]: value };
      // What one variable lacks without the others is no fault of its value.
      const withOthers = { PORTKEY_API_KEY: "pk-0123456789", ...environment };
      expect(() => resolveSettings({}, withOthers)).not.toThrow();
    },
  );
});

test("the models of the docs exist", async () => {
  await using sandbox = await startSandbox();
  const response = await fetch(`${sandbox.url}/models?output_modalities=text,embeddings,rerank`, {
    headers: { authorization: "Bearer any" },
  });
  const { data } = (await response.json()) as { data: { id: string }[] };
  const known = new Set(data.map(({ id }) => id));
  const authors = [...new Set([...known].map((id) => id.split("/")[0]))].filter(
    (author) => author !== "sandbox",
  );
  const id = new RegExp(`["\`\\s](?:${authors.join("|")})/[\\w.:-]+`, "g");
  const shown = pages.flatMap(({ path, text }) =>
    [...text.matchAll(id)].map(([match]) => `${path} ${match.slice(1)}`),
  );
  expect(shown.length).toBeGreaterThan(10);
  const unknown = shown.filter((line) => {
    const model = (line.split(" ")[1] ?? "").replace(/[.:]$/, "").replace(/:(nitro|floor)$/, "");
    return !known.has(model) || model.endsWith("-20k");
  });
  expect(unknown).toEqual([]);
});
