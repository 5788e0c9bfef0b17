import { RunnableLambda } from "@langchain/core/runnables";
import { definePipeline } from "@orchestra/runtime";
import { artifactsFolderOf, artifactTools, writeArtifact } from "@orchestra/tools/artifacts";

export const report = definePipeline({
  name: "report",
  create: ({ orchestra }) => {
    const writer = orchestra.agent({
      name: "writer",
      system: "Write a report.",
      tools: artifactTools(),
    });
    return RunnableLambda.from(async (task: string, config) => {
      const text = await writer.invoke(task, config);
      await writeArtifact(artifactsFolderOf(config) ?? "out", "summary.md", text);
      return text;
    });
  },
});
