import { z } from "@hono/zod-openapi";
import { roleFields } from "../calls/role-fields.ts";

const typed = z.looseObject({ type: z.string() });

const item = z.looseObject({
  type: z.string().nullish(),
  role: z.enum(["user", "assistant", "system", "developer"]).nullish(),
  content: z.union([z.string(), z.array(typed)]).nullish(),
  call_id: z.string().nullish(),
  name: z.string().nullish(),
  namespace: z.string().nullish(),
  arguments: z.string().nullish(),
  output: z.union([z.string(), z.array(typed)]).nullish(),
  result: z.string().nullish(),
  output_format: z.string().nullish(),
});

const functionTool = z.looseObject({
  type: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  parameters: z.looseObject({}).nullish(),
  strict: z.boolean().nullish(),
});

/** A `namespace` contains functions. */
const tool = functionTool.extend({ tools: z.array(functionTool).nullish() });

const format = z.looseObject({
  type: z.enum(["text", "json_object", "json_schema"]),
  name: z.string().optional(),
  schema: z.looseObject({}).optional(),
});

export const requestSchema = z
  .looseObject({
    ...roleFields,
    input: z.union([z.string(), z.array(item).min(1)], {
      error: "must be a text, or a list of items such as { role, content }",
    }),
    instructions: z.string().nullish(),
    tools: z.array(tool).nullish(),
    tool_choice: z.union([z.string(), typed]).nullish(),
    text: z.looseObject({ format: format.nullish(), verbosity: z.string().nullish() }).nullish(),
    reasoning: z.looseObject({}).nullish(),
    max_output_tokens: z.number().int().positive().nullish(),
    temperature: z.number().nullish(),
    top_p: z.number().nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    stream: z.boolean().nullish(),
    store: z.boolean().nullish().describe("Responses are not stored: true is refused."),
    truncation: z.string().nullish(),
  })
  .meta({
    id: "ResponsesRequest",
    description:
      "Fields that need a stored response, and tools that OpenAI runs itself, are refused with an error that names them. Fields that are not OpenAI's are passed on.",
  });

export type ResponsesRequest = z.output<typeof requestSchema>;
export type InputItem = z.output<typeof item>;
export type ToolDefinition = z.output<typeof tool>;

export const responseSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal("response"),
    status: z.enum(["completed", "incomplete", "failed", "in_progress"]),
    model: z.string(),
    output: z.array(z.looseObject({ type: z.string(), id: z.string() })),
    usage: z.looseObject({ input_tokens: z.number(), output_tokens: z.number() }).nullable(),
  })
  .meta({ id: "Response" });
