import type { StructuredToolInterface } from "@langchain/core/tools";
import type { z } from "zod";
import * as input from "../input/schemas.ts";

export interface AgentOptions {
  /** Tools in addition to those of the role. */
  readonly tools?: readonly StructuredToolInterface[];
  /** @defaultValue `AGENT_MODEL_MAP`, or else the role's, or else `OPENROUTER_DEFAULT_MODEL` */
  readonly model?: string | undefined;
}

/** The options of `orchestra.agent()`. */
export const agentOptions = {
  tools: input.tools,
  model: input.id,
} satisfies Record<keyof AgentOptions, z.ZodType>;
