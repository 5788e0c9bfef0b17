// pipelines.ts, which both sides import
import { definePipeline } from "@orchestra/runtime";
import { z } from "zod";

export const answer = definePipeline({
  name: "answer",
  input: z.object({ task: z.string() }),
  create: async (context) => (await import("./answer.ts")).create(context),
});
