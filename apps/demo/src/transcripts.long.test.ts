import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runDemo } from "./test-support/run-demo.ts";
import { temporaryFolder } from "./test-support/temporary-folder.ts";

const root = join(import.meta.dirname, "../../..");
const transcript =
  /^```console\n(?:\$ export ([^\n]*)\n)?\$ npx -y pnpm@12 demo ?([^\n]*)\n(.*?)^```$/gms;

/** Each run of the demo that a page shows: variables, arguments, lines. */
const shown = ["README.md", "apps/demo/README.md"].flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(transcript)].map(
    ([, variables = "", args = "", text = ""]) => ({ page, variables, args, text }),
  ),
);

/** Lines with their numbers, ids, folders and spaces alike. The live view's lines need a terminal. */
function shapesOf(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^(…| *[✔✖⌕])/.test(line))
    .map((line) =>
      line
        .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "RUN")
        .replaceAll(/\/\S+\/\.?(orchestra|home)\b/g, "HOME")
        .replaceAll(/\d+(\.\d+)?/g, "0")
        .replaceAll(/\s+/g, " ")
        .trim(),
    );
}

function environmentOf(variables: string): Record<string, string> {
  const assignments = variables.matchAll(/([A-Z_]+)=(?:'([^']*)'|(\S+))/g);
  return Object.fromEntries(
    [...assignments].map(([, name = "", quoted, bare = ""]) => [name, quoted ?? bare]),
  );
}

describe("the output of the demo in the pages is real:", { timeout: 180_000 }, () => {
  it("at least that of --durable is found", () => {
    expect(shown.map(({ args }) => args)).toContain("--durable");
  });

  it.each(shown)("$page: demo $args", async ({ variables, args, text }) => {
    await using folder = await temporaryFolder();
    const environment = {
      ORCHESTRA_HOME: `${folder.path}/home`,
      TMPDIR: folder.path,
      ...environmentOf(variables),
    };
    const { stdout, stderr } = await runDemo(args.split(" ").filter(Boolean), environment);
    const printed = shapesOf(`${stderr}\n${stdout}`);
    expect(shapesOf(text).filter((line) => !printed.includes(line))).toEqual([]);
  });
});
