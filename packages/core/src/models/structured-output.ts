import type {
  BaseLanguageModelInput,
  StructuredOutputMethodOptions,
} from "@langchain/core/language_models/base";
import { assembleStructuredOutputPipeline } from "@langchain/core/language_models/structured_output";
import type { AIMessageChunk, BaseMessage } from "@langchain/core/messages";
import type { Runnable } from "@langchain/core/runnables";
import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import type { InteropZodType } from "@langchain/core/utils/types";
import { z } from "zod";
import { ArgumentError } from "../errors/argument-error.ts";
import {
  checkToolName,
  type ChatRequest,
  type StructuredOutputMethod,
} from "../completions/index.ts";
import {
  objectSchema,
  OutputSchema,
  requireJsonSchema,
  type AnySchema,
} from "../completions/schemas/index.ts";
import { expected } from "../errors/explain-issue.ts";
import { checkInput } from "../input/check-input.ts";
import * as input from "../input/schemas.ts";
import type { RoleModelCallOptions } from "../gateway/role-model-call-options.ts";
import type { RoleConfig } from "../gateway/role-config.ts";
import { OutputSchemaParser } from "./output-schema-parser.ts";

/** A schema in any form that LangChain accepts. */
export type AnyOutput<Output extends Record<string, unknown>> =
  | InteropZodType<Output>
  | SerializableSchema<Output>
  | Record<string, unknown>;

/** A chat model that accepts the options of a role model. */
interface ConfigurableModel {
  readonly config: RoleConfig;
  withConfig(
    config: Partial<RoleModelCallOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, RoleModelCallOptions>;
}

/**
 * The model with an output schema, and a parser of its answers. A stream returns the object so far.
 *
 * @throws {ArgumentError} for a schema that JSON Schema cannot express, an unknown method, or an
 * option that the method does not support
 */
export function structuredOutput<Output extends Record<string, unknown>>(
  model: ConfigurableModel,
  schema: AnyOutput<Output>,
  options: StructuredOutputMethodOptions<boolean>,
):
  | Runnable<BaseLanguageModelInput, Output>
  | Runnable<BaseLanguageModelInput, { raw: BaseMessage; parsed: Output }> {
  const where = "withStructuredOutput()";
  checkInput(anySchema, schema, where, "schema");
  checkInput(optionsSchema, options, where);
  requireJsonSchema(schema, "The schema", where);
  const { name, method, includeRaw = false, strict } = options as z.infer<typeof optionsSchema>;
  if (strict !== undefined && method === "jsonMode") {
    throw new ArgumentError("strict has no meaning for the method jsonMode. Leave it out.");
  }
  const schemaName = name ?? nameOf(schema, method);
  checkToolName(schemaName, where);
  const object = objectSchema(schema as AnySchema);
  const outputSchema = new OutputSchema(object, {
    name: schemaName,
    method,
    strict,
    keepsToolCall: includeRaw,
    acceptsMismatch: includeRaw,
  });
  const bound = model.withConfig({
    outputSchema,
    ls_structured_output_format: {
      kwargs: { method: tracedMethods[method ?? "jsonSchema"] },
      schema: { title: outputSchema.name, ...outputSchema.jsonSchema },
    },
  });
  const parser = new OutputSchemaParser<Output>(
    outputSchema,
    {},
    model.config.plan.services.toolLimits,
    object !== schema,
  );
  return assembleStructuredOutputPipeline(bound, parser, includeRaw);
}

const anySchema = z.lazy(() =>
  z
    .union([input.object, input.callback], { error: expected("a zod schema or a JSON schema") })
    .refine((schema) => !input.hasSchemas(schema), input.needsWrapping),
);

const optionsSchema = z.lazy(() =>
  z.strictObject({
    name: input.id.optional(),
    method: z.enum(["jsonSchema", "functionCalling", "jsonMode"]).optional(),
    includeRaw: z.boolean().optional(),
    strict: z.boolean().optional(),
  } satisfies Record<keyof StructuredOutputMethodOptions, z.ZodType>),
);

/** The names of methods in traces. */
const tracedMethods = {
  jsonSchema: "json_schema",
  functionCalling: "function_calling",
  jsonMode: "json_mode",
} as const;

/** LangChain's own default, except for a function's definition, which has a name. */
function nameOf(schema: object, method: StructuredOutputMethod | undefined): string {
  const { name, title, parameters } = schema as Readonly<Record<string, unknown>>;
  if (typeof name === "string" && parameters) return name;
  const isTitled = method === "functionCalling" && typeof title === "string" && title !== "";
  return isTitled ? title.replaceAll(/[^\w-]+/g, "_").slice(0, 64) : "extract";
}

/** The schema that a caller such as `createAgent` requests by `response_format`. */
export function schemaOf({ response_format: format }: ChatRequest): OutputSchema | undefined {
  if (format?.type !== "json_schema") return undefined;
  const { json_schema: asked } = format as {
    readonly json_schema?: { name?: string; schema?: Record<string, unknown>; strict?: boolean };
  };
  if (!asked?.schema) return undefined;
  return new OutputSchema(asked.schema, { name: asked.name, strict: asked.strict });
}
