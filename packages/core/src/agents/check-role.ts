import { z } from "zod";
import { documentedFields } from "../completions/request/openrouter-request.ts";
import { quoted } from "../errors/bounded.ts";
import { shown } from "../errors/explain-issue.ts";
import * as input from "../input/schemas.ts";
import { priority, timeouts } from "../models/role-model-options.ts";
import { model } from "../settings/schemas.ts";
import type { RoleDefinition } from "./role-definition.ts";

const name = z.lazy(() =>
  z.string().regex(/^[A-Za-z][\w-]{0,255}$/, {
    error: ({ input: given }) =>
      `is ${typeof given === "string" ? quoted(given) : shown(given)}, which is not a name for a role: expected letters, digits, - and _, such as "translator"`,
  }),
);

const shared = () => ({
  name,
  system: z.string(),
  tools: input.tools.optional(),
  maxTokens: input.positiveCount.optional(),
  temperature: documentedFields().temperature,
  request: z.unknown().optional(),
  model: model.optional(),
  timeouts: timeouts.optional(),
  priority: priority.optional(),
  maxToolRounds: input.positiveCount.optional(),
  maxToolCalls: input.wholeFrom(0).optional(),
  toolTimeoutMs: input.durationMs.optional(),
  prompt: input.callback.optional(),
  check: input.callback.optional(),
  finish: input.callback.optional(),
  partial: input.callback.optional(),
});

/** The parameter of `defineRole()`. */
export const roleDefinition = z.lazy(() =>
  z.strictObject({
    ...shared(),
    input: input.anySchema.optional(),
    output: input.anySchema.optional(),
  } satisfies Record<keyof RoleDefinition<z.ZodType, z.ZodType>, z.ZodType>),
);

/** The return value of `defineRole()`. */
export const roleSchema = z.lazy(() =>
  z.looseObject(
    {
      ...shared(),
      input: input.zodSchema,
      answer: input.zodSchema.optional(),
      prompt: input.callback,
    },
    {
      error: ({ input: given }) =>
        typeof given === "object" && given !== null
          ? undefined
          : 'is not a role: expected what defineRole() returns, or a definition such as { name: "poet", system: "You write haiku." }',
    },
  ),
);
