import type { AIMessage, UsageMetadata } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { ModelError } from "../errors/index.ts";
import type { Sighting } from "../transport/index.ts";
import type { AnswerFormat } from "./answer-format.ts";
import { Attempt, type AttemptInput } from "./attempt.ts";
import type { Candidate } from "./candidate.ts";
import type { ModelCall } from "./model-call.ts";

export interface WholeAnswerOptions {
  readonly call: ModelCall;
  readonly input: AttemptInput;
  /** The shape that the answer must have. */
  readonly format?: AnswerFormat | undefined;
  /** Leaves the message as the model gave it, where its answer came as a tool call. */
  readonly keepsMessage?: boolean | undefined;
  /** Called with each piece of text, and the number of its attempt. */
  readonly onText?: ((text: string, attempt: number) => void) | undefined;
}

/** Calls the model for an answer that the caller gets when it is complete. */
export async function callForWholeAnswer(options: WholeAnswerOptions): Promise<ChatResult> {
  const { call, format } = options;
  call.log.ask(options.input.messages);
  const result = await call.run((candidate, waitedMs) =>
    format ? formatted(options, format, candidate, waitedMs) : plain(options, candidate, waitedMs),
  );
  const message = result.generations[0]?.message as AIMessage | undefined;
  for (const { name: tool, args: input } of message?.tool_calls ?? []) {
    call.log.emit({ type: "tool-call", tool, input });
  }
  call.succeed(message?.text ?? "");
  return result;
}

async function plain(
  options: WholeAnswerOptions,
  candidate: Candidate,
  waitedMs: number,
): Promise<ChatResult> {
  const { call, input } = options;
  using attempt = begin(options, candidate, waitedMs);
  try {
    const result = await generate(attempt, candidate, call.inputFor(candidate, input));
    attempt.open.succeed();
    return result;
  } catch (error) {
    throw attempt.fail(error);
  }
}

/** An answer in the shape of a schema, with one turn in which the model may mend it. */
async function formatted(
  options: WholeAnswerOptions,
  format: AnswerFormat,
  candidate: Candidate,
  waitedMs: number,
): Promise<ChatResult> {
  const method = format.method ?? (await candidate.abilities()).answerMethod;
  const { messages, options: chatOptions } = options.call.inputFor(candidate, options.input);
  const asked = format.ask(method, messages, chatOptions);
  const first = await formattedOnce(options, format, candidate, asked, waitedMs, false);
  if ("result" in first) return first.result;

  const repair = { ...asked, messages: [...asked.messages, ...first.repair] };
  const second = await formattedOnce(options, format, candidate, repair, 0, true);
  if ("result" in second) return second.result;
  throw second.error;
}

async function formattedOnce(
  options: WholeAnswerOptions,
  format: AnswerFormat,
  candidate: Candidate,
  input: AttemptInput,
  waitedMs: number,
  isRepair: boolean,
): Promise<{ result: ChatResult } | { repair: AttemptInput["messages"]; error: ModelError }> {
  using attempt = begin(options, candidate, waitedMs, isRepair);
  try {
    const result = await generate(attempt, candidate, input);
    const generation = result.generations[0];
    const reading = await format.read(generation?.message as AIMessage);
    if (reading.kind === "off-schema") {
      const error = new ModelError(`The answer does not fit its schema: ${reading.problem}`, {
        kind: "invalid_response_error",
        reason: "off_schema",
        model: candidate.model,
      });
      attempt.open.fail(error);
      return { repair: reading.repair, error };
    }
    attempt.open.succeed();
    if (reading.kind === "tool-calls" || options.keepsMessage || !generation) return { result };
    const text = reading.message.text;
    return {
      result: { ...result, generations: [{ ...generation, text, message: reading.message }] },
    };
  } catch (error) {
    throw attempt.fail(error);
  }
}

function begin(
  { call, onText }: WholeAnswerOptions,
  candidate: Candidate,
  waitedMs: number,
  isRepair = false,
): Attempt {
  const attempt: Attempt = new Attempt({
    call,
    candidate,
    waitedMs,
    isRepair,
    onText: (text) => {
      call.log.emit({ type: "text-delta", attempt: attempt.open.number, text });
      onText?.(text, attempt.open.number);
    },
  });
  return attempt;
}

async function generate(
  attempt: Attempt,
  candidate: Candidate,
  { messages, options }: AttemptInput,
): Promise<ChatResult> {
  const work = candidate.chat._generate(messages, attempt.chatOptions(options));
  const result = await attempt.deadline.race(work);
  if (!attempt.open.seen.usage) readForeignUsage(attempt.open.seen, result);
  return result;
}

/** A chat model of another kind than ours reports its usage on the message alone. */
function readForeignUsage(seen: Sighting, result: ChatResult): void {
  const { usage_metadata: usage } = (result.generations[0]?.message ?? {}) as {
    usage_metadata?: UsageMetadata;
  };
  if (!usage) return;
  seen.usage = {
    promptTokens: usage.input_tokens,
    completionTokens: usage.output_tokens,
    cachedTokens: usage.input_token_details?.cache_read ?? 0,
    reasoningTokens: usage.output_token_details?.reasoning ?? 0,
    costUsd: 0,
  };
}
