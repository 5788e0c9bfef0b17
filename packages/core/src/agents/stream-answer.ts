import type { BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { cutOff, inTime } from "../completions/index.ts";
import type { OutputSchema } from "../completions/schemas/index.ts";
import { ModelError } from "../errors/index.ts";
import { OutputSchemaParser, type RoleModel } from "../models/index.ts";

/** The object so far, and at the end the value that the schema returns. */
export async function* streamObject(
  model: RoleModel,
  messages: BaseMessage[],
  outputSchema: OutputSchema,
  config: RunnableConfig,
): AsyncGenerator {
  const chunks = await model.stream(messages, { ...config, outputSchema });
  const { request, plan } = model.config;
  yield* new OutputSchemaParser(outputSchema, request, plan.services.toolLimits).transform(
    chunks as never,
    config,
  );
}

/**
 * The pieces of a text.
 *
 * @throws {ModelError} of kind `invalid_response_error` at the end of a text that was cut off, or that a
 * check refuses: the model cannot correct text that was already read
 */
export async function* streamText(
  model: RoleModel,
  messages: BaseMessage[],
  check: OutputSchema,
  config: RunnableConfig,
): AsyncGenerator<string> {
  // If a stream started again, its text would be returned twice.
  const once = model.with({ plan: { ...model.config.plan, maxRestarts: 0 } });
  let whole = "";
  let isCutOff = false;
  for await (const { text, response_metadata: end } of await once.stream(messages, config)) {
    isCutOff ||= end["finish_reason"] === "length";
    if (text === "") continue;
    whole += text;
    yield text;
  }
  if (isCutOff) throw cutOff(whole, model.config.request).with({ model: model.model });
  const reading = await inTime(check.read(whole), model.config.plan.services.toolLimits);
  if (reading.kind !== "off-schema") return;
  throw new ModelError(`The answer was refused: ${reading.problem}`, {
    kind: "invalid_response_error",
    reason: "off_schema",
    model: model.model,
  });
}
