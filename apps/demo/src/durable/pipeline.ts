import { definePipeline } from "@orchestra/runtime";
import type { HybridDocuments } from "@orchestra/tools/documents";
import { z } from "zod";
import { createPipeline } from "../ask.ts";

const inputSchema = z.object({
  task: z.string(),
  /** The documents, for the process that continues the run. */
  folder: z.string(),
});

/** The input of a durable run of the demo. */
export type RunInput = z.infer<typeof inputSchema>;

/** The demo's pipeline for the runtime: the same agents, and a checkpoint after each step. */
export function durablePipeline(documents: Promise<HybridDocuments>) {
  return definePipeline({
    name: "demo",
    input: inputSchema,
    create: async ({ orchestra, checkpointer }) =>
      createPipeline({ orchestra, checkpointer, documents: await documents }),
  });
}
