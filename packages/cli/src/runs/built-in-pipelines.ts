import type { RunnableConfig } from "@langchain/core/runnables";
import type { Environment } from "@orchestra/core";
import { definePipeline, type Pipeline } from "@orchestra/runtime";
import { z } from "zod";
import type { ConfigAgent, OrchestraConfig } from "../config/index.ts";

/** Names of the built-in pipelines, which need no config. */
export const builtInNames = { answer: "orchestra-answer", chat: "orchestra-chat" } as const;

/** System prompt of the role that has tools of MCP servers. */
const system = "You do the task. Use your tools for what they know or can do better than you.";

const answerInput = z.object({ task: z.string().min(1), docs: z.string() });
const chatInput = z.object({
  task: z.string().min(1),
  role: z.string().optional(),
  mcp: z.string().optional(),
});

export interface BuiltInOptions {
  readonly docsFolder: () => string;
  readonly vectorsFolder: string;
  readonly environment: Environment;
  /** The function `agents` of the config. */
  readonly agents?: OrchestraConfig["agents"];
}

/**
 * The pipelines that `orchestra run` uses without a config: `orchestra-answer` answers from documents;
 * `orchestra-chat` calls one model or agent, with the tools of MCP servers if there are some.
 */
export function builtInPipelines({
  docsFolder,
  vectorsFolder,
  environment,
  agents,
}: BuiltInOptions): readonly Pipeline[] {
  const answer = definePipeline({
    name: builtInNames.answer,
    input: answerInput,
    create: async ({ orchestra, checkpointer }) => {
      // Loads LangGraph.
      const { researchValidateExecute } = await import("@orchestra/core/pipelines");
      // Loads parsers of PDF and HTML.
      const { documentTools, openDocuments, withHybridSearch } =
        await import("@orchestra/tools/documents");
      const opened = await openDocuments(docsFolder());
      const documents = await withHybridSearch(opened, orchestra, { cacheFolder: vectorsFolder });
      return researchValidateExecute({
        researcher: orchestra.researcher({ tools: documentTools(documents) }),
        validator: orchestra.validator({ sources: documents }),
        executor: orchestra.executor(),
        checkpointer,
      });
    },
  });
  const chat = definePipeline({
    name: builtInNames.chat,
    input: chatInput,
    create: async ({ orchestra }) => {
      const { RunnableLambda } = await import("@langchain/core/runnables");
      return RunnableLambda.from(
        async ({ task, role, mcp }: z.infer<typeof chatInput>, config: RunnableConfig) => {
          if (mcp !== undefined) {
            // Loads the SDK of MCP.
            const { openMcpServers } = await import("@orchestra/tools/mcp");
            const { signal } = config;
            await using servers = await openMcpServers(mcp, { environment, signal });
            const agent = orchestra.agent({
              name: role ?? "assistant",
              system,
              tools: servers.tools,
            });
            return { answer: await agent.invoke(task, config) };
          }
          const ofConfig = agents?.(orchestra).find((agent) => agent.role.name === role);
          if (ofConfig) return askAgent(ofConfig, task, config);
          const model = role === undefined ? orchestra.model : orchestra.modelFor(role);
          const { text } = await model.invoke(task, config);
          return { answer: text };
        },
      );
    },
  });
  return [answer, chat];
}

/** Calls an agent with `{ task }`, as Orchestra's own agents take it, or with the text alone. */
async function askAgent(agent: ConfigAgent, task: string, config: RunnableConfig): Promise<object> {
  const takesObject = (await agent.role.input.safeParseAsync({ task })).success;
  const output = await agent.invoke(takesObject ? { task } : task, config);
  return typeof output === "object" && output !== null ? output : { answer: output };
}
