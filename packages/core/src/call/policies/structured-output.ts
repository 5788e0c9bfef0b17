import {
  cutOff,
  repairMessages,
  unended,
  type Answer,
  type Completion,
  type CompletionChunk,
  type WholeAnswer,
  type WireMessage,
  type CheckLimits,
} from "../../completions/index.ts";
import type { OutputSchema, Reading } from "../../completions/schemas/index.ts";
import { unlessAborted, within } from "../../clock/index.ts";
import { ModelError } from "../../errors/index.ts";
import type { Attempt } from "../attempt.ts";
import type { Policy, Send } from "../chain.ts";

/**
 * The parsed answers of calls, by the message on the wire, and by the `additional_kwargs` of the
 * message that LangChain creates from it, so that an agent need not parse and check its answer again.
 */
export const readings = new WeakMap<object, Reading | undefined>();

/**
 * Requests an answer in the call's schema, by a method that the route supports. A whole
 * answer that does not match is sent back to the model once, for correction.
 */
export const structuredOutput: Policy = (next, { outputSchema: schema, isStream, services }) => {
  if (!schema) return next;
  return async (attempt) => {
    const { route, request, signal } = attempt;
    const best = schema.method ?? route.structuredOutputMethod();
    const method = typeof best === "string" ? best : await unlessAborted(best, signal);
    const asked = { ...attempt, request: schema.ask(method, request) };
    if (!isStream) return sendChecked(next, asked, schema, services.toolLimits);
    const answer = await next(asked);
    const isMapped = method === "functionCalling" && !schema.keepsToolCall;
    if (answer.kind === "stream" && isMapped) answer.map((chunk) => asContent(chunk, schema.name));
    return answer;
  };
};

async function sendChecked<T extends Answer>(
  next: Send<T>,
  attempt: Attempt,
  schema: OutputSchema,
  { clock, timeoutMs }: CheckLimits,
): Promise<T> {
  let refused: { readonly completion: Completion; readonly problem: string } | undefined;
  let reading: Reading | undefined;
  const check = async (completion: Completion): Promise<void> => {
    const { message, finish_reason: finish } = completion.choices[0] ?? {};
    const { content, tool_calls: calls } = message ?? {};
    const called = calls?.flatMap((call) => ("function" in call ? [call.function] : []));
    // A check in the program's own code may never end: it must not keep the attempt's slot.
    const read = within(clock, timeoutMs, schema.read(content ?? "", called));
    reading = await unlessAborted(read, attempt.signal);
    if (!reading) throw unended(timeoutMs);
    if (finish === "length") refuseCutOff(content ?? "", attempt, schema, reading);
    if (reading.kind !== "off-schema") return;
    const { problem } = reading;
    if (refused && schema.acceptsMismatch) return;
    refused = { completion, problem };
    throw offSchema(attempt.route.model, problem);
  };
  let answer: T;
  try {
    answer = await next({ ...attempt, check });
  } catch (error) {
    const failure = ModelError.isInstance(error) ? error : undefined;
    const correction =
      failure?.details.reason === "too_many_tool_calls"
        ? callFewer(failure)
        : refused && repairMessages(refused.completion, refused.problem);
    if (!correction || failure?.details.isFinal) throw error;
    const { request } = attempt;
    const messages = [...request.messages, ...correction];
    const repair = { request: { ...request, messages }, waitedMs: 0, isRepair: true };
    answer = await next({ ...attempt, ...repair, check });
  }
  if (answer.kind === "stream" || reading?.kind !== "answer") return answer;
  const { kind, metadata } = answer;
  const completion = schema.toContent(answer.completion, reading.json, reading.isOdd);
  const { message } = completion.choices[0] ?? {};
  if (message) readings.set(message, reading);
  return { kind, completion, metadata } satisfies WholeAnswer as T;
}

/**
 * No correction is requested: it would be cut off at the same position.
 *
 * @throws {ModelError} for an answer that has arrived only in part
 */
function refuseCutOff(
  text: string,
  { request, route }: Attempt,
  schema: OutputSchema,
  { kind }: Reading,
): void {
  const isPart = kind === "off-schema" || (kind === "answer" && schema.isText);
  if (!isPart || schema.acceptsMismatch) return;
  throw cutOff(text, request).with({ model: route.model });
}

/** The calls themselves are not shown, because they are too many. */
function callFewer({ message }: ModelError): readonly WireMessage[] {
  return [{ role: "user", content: `${message}. None of them was made: call fewer.` }];
}

/** A chunk of a stream, with the arguments of the answer's tool call as its text. */
function asContent(chunk: CompletionChunk, name: string): CompletionChunk {
  const choices = (chunk.choices ?? []).map((choice) => {
    const { tool_calls: calls, ...delta } = choice.delta ?? {};
    const call = calls?.[0];
    const isOther = call?.function?.name !== undefined && call.function.name !== name;
    if (!call || isOther) return choice;
    return { ...choice, delta: { ...delta, content: call.function?.arguments ?? "" } };
  });
  return { ...chunk, choices };
}

function offSchema(model: string, problem: string): ModelError {
  return new ModelError(`The answer does not fit its schema: ${problem}`, {
    kind: "invalid_response_error",
    reason: "off_schema",
    model,
  });
}
