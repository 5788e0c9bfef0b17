import packageJson from "../../package.json" with { type: "json" };
import { packageNames } from "../package-names.ts";
import type { PackageSource } from "./package-source.ts";

/** The contents of the project's files, by their paths in the project. */
export function projectFiles(
  folderName: string,
  source: PackageSource,
): Readonly<Record<string, string>> {
  const name = packageNameOf(folderName);
  return {
    "package.json": toJson(packageFile(name, source)),
    ...(source.kind === "tarballs" && { "pnpm-workspace.yaml": workspaceFile(source) }),
    "tsconfig.json": toJson(typesFile(source)),
    "orchestra.config.ts": config,
    "roles/explainer.ts": role,
    "ask.ts": script,
    "ask.test.ts": testFile,
    ".env.example": envExample,
    ".gitignore": "node_modules/\n.env\n.orchestra/\n",
    "README.md": readme(name),
  };
}

function packageNameOf(folderName: string): string {
  const name = folderName
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return name || "project";
}

function packageFile(name: string, source: PackageSource): object {
  // In a clone, Node.js runs the sources of the packages, so nothing has to be built.
  const base = source.kind === "clone" ? "node --conditions=@orchestra/source" : "node";
  // Node.js before 22.18 needs the flag to run TypeScript. Newer versions accept it.
  const node = `${base} --experimental-strip-types`;
  const run = `${node} --env-file-if-exists=.env`;
  return {
    name,
    private: true,
    type: "module",
    scripts: {
      start: `${run} ask.ts`,
      dev: `${run} --watch ask.ts`,
      test: `${node} --test`,
      types: "tsc",
      ...(source.kind === "clone" && {
        orchestra: `${node} ${source.path}/packages/cli/src/main.ts`,
      }),
    },
    ...dependencies(source),
    engines: packageJson.engines,
  };
}

const typing = { "@types/node": "^22.0.0", typescript: ">=5.9.3" };

function dependencies(source: PackageSource): object {
  const { zod } = packageJson.peerDependencies;
  if (source.kind === "clone") {
    const packages = `link:${source.path}/packages`;
    const links = packageNames.map((name) => [`@orchestra/${name}`, `${packages}/${name}`]);
    // The clone's copy of zod: the types of two copies are not compatible.
    const own = { ...Object.fromEntries(links), zod: `${packages}/core/node_modules/zod` };
    return { dependencies: own, devDependencies: typing };
  }
  if (source.kind === "tarballs") {
    // All tarballs: npm takes the dependencies between them from this list.
    return { dependencies: { ...tarballs(source), zod }, devDependencies: typing };
  }
  const { range } = source;
  const own = ["cli", "core", "runtime"].map((name) => [`@orchestra/${name}`, range]);
  return {
    dependencies: { ...Object.fromEntries(own), zod },
    devDependencies: { "@orchestra/sandbox": range, ...typing },
  };
}

type Tarballs = Extract<PackageSource, { readonly kind: "tarballs" }>;

function tarballs({ paths }: Tarballs): Readonly<Record<string, string>> {
  const files = Object.entries(paths).map(([name, path]) => [`@orchestra/${name}`, `file:${path}`]);
  return Object.fromEntries(files) as Record<string, string>;
}

/** For pnpm: without overrides, it would look for the dependencies between the tarballs on the registry. */
function workspaceFile(source: Tarballs): string {
  const overrides = Object.entries(tarballs(source)).map(
    ([name, file]) => `  ${JSON.stringify(name)}: ${JSON.stringify(file)}`,
  );
  return `packages: ["."]\noverrides:\n${overrides.join("\n")}\n`;
}

function typesFile(source: PackageSource): object {
  const include = ["**/*.ts"];
  // The clone's sources are type-checked with its own options.
  if (source.kind === "clone") return { extends: `${source.path}/tsconfig.base.json`, include };
  return {
    compilerOptions: {
      module: "nodenext",
      target: "es2024",
      types: ["node"],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
    },
    include,
  };
}

function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

const config = `import { defineConfig } from "@orchestra/cli";
import { definePipeline } from "@orchestra/runtime";
import { z } from "zod";
import { explainer } from "./roles/explainer.ts";

const explain = definePipeline({
  name: "explain",
  input: z.object({ task: z.string().min(1) }),
  create: ({ orchestra }) => orchestra.agent(explainer),
});

export default defineConfig({
  pipelines: [explain],
  // So that orchestra serve and orchestra run --role know the role.
  agents: (orchestra) => [orchestra.agent(explainer)],
});
`;

const role = `import { defineRole } from "@orchestra/core";
import { z } from "zod";

/** A role is a prompt with an input and an output. AGENT_MODEL_MAP gives it a model of its own. */
export const explainer = defineRole({
  name: "explainer",
  system: "You explain things to a curious twelve-year-old, in three sentences.",
  input: z.object({ task: z.string() }),
  output: z.object({
    answer: z.string().describe("The explanation"),
  }),
});
`;

const script = `import { parseArgs } from "node:util";
import { Orchestra } from "@orchestra/core";
import { explainer } from "./roles/explainer.ts";

const { positionals } = parseArgs({ allowPositionals: true });
const task = positionals.join(" ") || "Explain what a lighthouse is";

// The same role without the command: one call, with retries, budgets and a record of its cost.
const orchestra = new Orchestra();
const { answer } = await orchestra.agent(explainer).invoke({ task });
console.log(answer);
console.error(orchestra.ledger.total);
`;

const testFile = `import assert from "node:assert/strict";
import { test } from "node:test";
import { Orchestra } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";
import { explainer } from "./roles/explainer.ts";

// The sandbox answers as OpenRouter does, without a key and without costs.
test("the explainer answers", async () => {
  const sandbox = await startSandbox();
  const settings = { openRouterApiKey: "sk-or-v1-any", baseUrl: sandbox.url, logLevel: "silent" } as const;
  const orchestra = new Orchestra({ settings });
  const { answer } = await orchestra.agent(explainer).invoke({ task: "What is a lighthouse?" });
  assert.notEqual(answer, "");
  await sandbox.close();
});
`;

const envExample = `# https://openrouter.ai/settings/keys
OPENROUTER_API_KEY=
OPENROUTER_DEFAULT_MODEL=openai/gpt-4o-mini
# AGENT_MODEL_MAP={"explainer":"openai/gpt-4o"}
LLM_BUDGET_USD_PER_DAY=1
`;

function readme(name: string): string {
  return `# ${name}

A role (\`roles/explainer.ts\`), a script that asks it once (\`ask.ts\`), and a pipeline for the command (\`orchestra.config.ts\`).

- \`npm test\` runs the tests against a sandbox, without a key.
- \`cp .env.example .env\`, set your key, and \`npm start -- "Explain what a lighthouse is"\` asks the model. \`npm run dev\` asks again after each change.
- \`npm run types\` checks the types.
`;
}
