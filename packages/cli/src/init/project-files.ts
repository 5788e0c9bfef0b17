import packageJson from "../../package.json" with { type: "json" };

/**
 * The files of a small project, by their paths in it.
 *
 * @param isInWorkspace - Whether the project is in a workspace, whose packages it uses.
 */
export function projectFiles(
  folderName: string,
  isInWorkspace: boolean,
): Readonly<Record<string, string>> {
  return {
    "package.json": packageFile(folderName, isInWorkspace),
    "orchestra.config.ts": config,
    "roles/explainer.ts": role,
    "ask.ts": script,
    ".env.example": envExample,
    ".gitignore": "node_modules/\n.env\n.orchestra/\n",
  };
}

function packageFile(folderName: string, isInWorkspace: boolean): string {
  const { version } = packageJson;
  const range = isInWorkspace ? "workspace:*" : version === "0.0.0" ? "*" : `^${version}`;
  const project = {
    name:
      folderName
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]+/g, "-")
        .replaceAll(/^-+|-+$/g, "") || "project",
    private: true,
    type: "module",
    dependencies: {
      "@orchestra/cli": range,
      "@orchestra/core": range,
      "@orchestra/runtime": range,
      zod: "^4.0.0",
    },
    engines: { node: ">=22.18" },
  };
  return `${JSON.stringify(project, null, 2)}\n`;
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

export default defineConfig({ pipelines: [explain] });
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

const script = `import { Orchestra } from "@orchestra/core";
import { explainer } from "./roles/explainer.ts";

const task = process.argv[2] ?? "Explain what a lighthouse is";

// The same role without the command: one call, with retries, budgets and a record of its cost.
const orchestra = new Orchestra();
const { answer } = await orchestra.agent(explainer).invoke({ task });
console.log(answer);
console.error(orchestra.ledger.total);
`;

const envExample = `# https://openrouter.ai/settings/keys
OPENROUTER_API_KEY=
OPENROUTER_DEFAULT_MODEL=openai/gpt-4o-mini
# AGENT_MODEL_MAP={"explainer":"openai/gpt-4o"}
LLM_BUDGET_USD_PER_DAY=1
`;
