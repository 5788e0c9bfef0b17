/** The shortest config with a pipeline, for error messages and the docs. */
export const exampleConfig = `import { defineConfig } from "@orchestra/cli";
import { definePipeline } from "@orchestra/runtime";

const chat = definePipeline({ name: "chat", create: ({ orchestra }) => orchestra.model });

export default defineConfig({ pipelines: [chat] });
`;
