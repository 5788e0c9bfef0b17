import type { AIMessage, BaseMessage, UsageMetadata } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { ModelError } from "../errors/index.ts";
import type { Sighting } from "../transport/index.ts";
import type { AnswerFormat } from "./answer-format.ts";
import type { Answer } from "./answer-once.ts";
import { Attempt, type AttemptInput } from "./attempt.ts";
import type { Candidate } from "./candidate.ts";
import type { ModelCall, Turn } from "./model-call.ts";

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
export async function callForWholeAnswer(options: WholeAnswerOptions): Promise<Answer> {
  const { call, format } = options;
  call.log.ask(options.input.messages);
  const result = await call.run((turn) =>
    format ? formatted(options, format, turn) : plain(options, turn),
  );
  const message = messageOf(result);
  for (const { name: tool, args: input } of message?.tool_calls ?? []) {
    call.log.emit({ type: "tool-call", tool, input });
  }
  return { result, record: call.succeed(message?.text ?? "") };
}

function plain(options: WholeAnswerOptions, turn: Turn): Promise<ChatResult> {
  const input = options.call.inputFor(turn.candidate, options.input);
  return attemptOnce(options, turn, input, (result) => result);
}

/** An answer in the shape of a schema, with one turn in which the model may mend it. */
async function formatted(
  options: WholeAnswerOptions,
  format: AnswerFormat,
  turn: Turn,
): Promise<ChatResult> {
  const { candidate } = turn;
  const method = format.method ?? (await candidate.abilities()).answerMethod;
  const input = options.call.inputFor(candidate, options.input);
  const asked = format.ask(method, input.messages, input.options);

  let repair: BaseMessage[] | undefined;
  const accept = async (result: ChatResult) => {
    const reading = await format.read(messageOf(result) as AIMessage);
    if (reading.kind === "off-schema") {
      repair = reading.repair;
      throw offSchema(candidate, reading.problem);
    }
    const isAsItIs = reading.kind === "tool-calls" || options.keepsMessage;
    return isAsItIs ? result : withMessage(result, reading.message);
  };
  try {
    return await attemptOnce(options, turn, asked, accept);
  } catch (error) {
    if (!repair) throw error;
    const mended = { ...asked, messages: [...asked.messages, ...repair] };
    return attemptOnce(options, { ...turn, waitedMs: 0, isRepair: true }, mended, accept);
  }
}

/** @param accept - Takes the result, or throws for one that is no success. */
async function attemptOnce(
  { call, onText }: WholeAnswerOptions,
  turn: Turn & { readonly isRepair?: boolean },
  input: AttemptInput,
  accept: (result: ChatResult) => ChatResult | Promise<ChatResult>,
): Promise<ChatResult> {
  using attempt = await Attempt.start({
    ...turn,
    call,
    input,
    onText: (text, number) => {
      call.log.emit({ type: "text-delta", attempt: number, text });
      onText?.(text, number);
    },
  });
  try {
    const work = turn.candidate.chat._generate(input.messages, attempt.chatOptions);
    const result = await attempt.deadline.race(work);
    if (!attempt.seen.usage) readForeignUsage(attempt.seen, result);
    const accepted = await accept(result);
    await attempt.succeed();
    return accepted;
  } catch (error) {
    throw await attempt.fail(error);
  }
}

function messageOf(result: ChatResult): AIMessage | undefined {
  return result.generations[0]?.message as AIMessage | undefined;
}

function withMessage(result: ChatResult, message: AIMessage): ChatResult {
  const generations = result.generations.map((generation) => ({
    ...generation,
    message,
    text: message.text,
  }));
  return { ...result, generations };
}

function offSchema({ model }: Candidate, problem: string): ModelError {
  return new ModelError(`The answer does not fit its schema: ${problem}`, {
    kind: "invalid_response_error",
    reason: "off_schema",
    model,
  });
}

/** A chat model of another kind than ours reports its usage on the message alone. */
function readForeignUsage(seen: Sighting, result: ChatResult): void {
  const { usage_metadata: usage } = (messageOf(result) ?? {}) as { usage_metadata?: UsageMetadata };
  if (!usage) return;
  seen.usage = {
    promptTokens: usage.input_tokens,
    completionTokens: usage.output_tokens,
    cachedTokens: usage.input_token_details?.cache_read ?? 0,
    reasoningTokens: usage.output_token_details?.reasoning ?? 0,
    costUsd: 0,
  };
}
