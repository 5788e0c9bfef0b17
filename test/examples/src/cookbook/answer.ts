// answer.ts, which only workers import
import type { PipelineContext } from "@orchestra/runtime";
import { z } from "zod";

export const create = ({ orchestra }: PipelineContext) =>
  orchestra.agent({
    name: "answerer",
    system: "You answer in one sentence.",
    input: z.object({ task: z.string() }),
  });
