import { RunnableLambda, type RunnableConfig } from "@langchain/core/runnables";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { definePipeline, type Pipeline } from "@orchestra/runtime";
import { z } from "zod";

/** Names of the pipelines that need no config. */
export const builtInNames = { answer: "orchestra-answer", chat: "orchestra-chat" } as const;

const answerInput = z.object({ task: z.string().min(1), docs: z.string() });
const chatInput = z.object({ task: z.string().min(1), role: z.string().optional() });

/** What `orchestra run` runs without a config: an answer from documents, and an answer of one model. */
export function builtInPipelines(docsFolder: () => string): readonly Pipeline[] {
  const answer = definePipeline({
    name: builtInNames.answer,
    input: answerInput,
    create: async ({ orchestra, checkpointer }) => {
      // Loads parsers of PDF and HTML.
      const { documentTools, openDocuments } = await import("@orchestra/tools/documents");
      const documents = await openDocuments(docsFolder());
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
    create: ({ orchestra }) =>
      RunnableLambda.from(
        async ({ task, role }: z.infer<typeof chatInput>, config: RunnableConfig) => {
          const model = role === undefined ? orchestra.model : orchestra.modelFor(role);
          const { text } = await model.invoke(task, config);
          return { answer: text };
        },
      ),
  });
  return [answer, chat];
}
