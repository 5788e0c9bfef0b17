import { createHash } from "node:crypto";
import { AIMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { NoProgressError, type RepeatedCall } from "../errors/index.ts";

/** After this many equal rounds in a row, the model gets a hint. */
const noticeFrom = 3;
/** After this many, the agent ends. */
const maxRepeats = 5;
/** How many rounds may alternate: one call repeated, or two or three in turn. */
const periods = [1, 2, 3];
const maxRounds = maxRepeats * Math.max(...periods);

/** The calls of one answer of the model. Two rounds are equal if their calls and results are. */
interface Round {
  readonly answer: unknown;
  readonly expected: number;
  readonly calls: RepeatedCall[];
  readonly hashes: string[];
}

/**
 * Detects that one invocation of an agent repeats the same calls with the same results: one round, or
 * up to three in turn. Keeps the last fifteen rounds.
 */
export class RepeatedCalls {
  readonly #role: string;
  readonly #onStuck: (error: NoProgressError) => void;
  #rounds: Round[] = [];

  /** @param onStuck - Called when a round was repeated five times. */
  constructor(role: string, onStuck: (error: NoProgressError) => void) {
    this.#role = role;
    this.#onStuck = onStuck;
  }

  /** The same tool, with its calls counted. */
  watch(tool: StructuredToolInterface): StructuredToolInterface {
    const invoke = async (input: unknown, config: RunnableConfig = {}): Promise<unknown> => {
      const round = this.#roundOf(input, config);
      let output: unknown;
      try {
        output = await tool.invoke(input as never, config);
      } catch (error) {
        if (!(error instanceof Error) || "is_bubble_up" in error) throw error;
        const notice = this.#note(round, tool.name, input, { error: error.message });
        // A new one: a tool may throw the same error each time.
        throw notice === undefined ? error : new Error(`${error.message}\n\n${notice}`);
      }
      const result: unknown = ToolMessage.isInstance(output) ? output.content : output;
      return withNotice(output, this.#note(round, tool.name, input, { result }));
    };
    return Object.create(tool, { invoke: { value: invoke } }) as StructuredToolInterface;
  }

  /** The round of a call: that of the model's answer that contains it. */
  #roundOf(input: unknown, config: object): Round {
    const { state } = config as { readonly state?: { readonly messages?: readonly BaseMessage[] } };
    const id = (input as { readonly id?: unknown } | undefined)?.id;
    const answer = state?.messages?.findLast(
      (message): message is AIMessage =>
        AIMessage.isInstance(message) && (message.tool_calls ?? []).some((call) => call.id === id),
    );
    const last = this.#rounds.at(-1);
    if (last && answer !== undefined && last.answer === answer) return last;
    const expected = answer?.tool_calls?.length ?? 1;
    const round: Round = { answer, expected, calls: [], hashes: [] };
    this.#rounds = [...this.#rounds.slice(1 - maxRounds), round];
    return round;
  }

  /**
   * @returns the hint for the model, at the end of a round that repeats others
   * @throws {NoProgressError} for too many repetitions
   */
  #note(round: Round, tool: string, input: unknown, result: object): string | undefined {
    const { args = input } = (input ?? {}) as { readonly args?: unknown };
    const json = JSON.stringify(args) ?? "";
    round.calls.push({ tool, arguments: json });
    round.hashes.push(hashOf([tool, json, result]));
    if (round.hashes.length < round.expected || round !== this.#rounds.at(-1)) return undefined;
    const keys = this.#rounds.map(({ hashes }) => hashes.toSorted().join());
    for (const period of periods) {
      const times = repeats(keys, period);
      if (times < noticeFrom) continue;
      const calls = this.#rounds.slice(-period).flatMap((each) => each.calls);
      if (times >= maxRepeats) throw this.#stuck(calls, times);
      return noticeOf(calls, times);
    }
    return undefined;
  }

  #stuck(calls: readonly RepeatedCall[], times: number): NoProgressError {
    const error = new NoProgressError(this.#role, calls, times);
    this.#onStuck(error);
    return error;
  }
}

/** How often the last `period` keys are repeated at the end of the list. */
function repeats(keys: readonly string[], period: number): number {
  let equal = 0;
  while (keys.length > equal + period && keys.at(-1 - equal) === keys.at(-1 - equal - period)) {
    equal += 1;
  }
  return Math.floor(equal / period) + 1;
}

function noticeOf(calls: readonly RepeatedCall[], times: number): string {
  const tools = [...new Set(calls.map(({ tool }) => tool))].join(" and ");
  return `[You have called ${tools} ${times} times in a row with the same arguments, and the result was the same. Calling again will not change it: use other arguments or another tool, or answer with what there is.]`;
}

function withNotice(output: unknown, notice: string | undefined): unknown {
  if (notice === undefined) return output;
  if (typeof output === "string") return `${output}\n\n${notice}`;
  if (!ToolMessage.isInstance(output)) return output;
  const { content } = output;
  output.content =
    typeof content === "string"
      ? `${content}\n\n${notice}`
      : [...content, { type: "text", text: notice }];
  return output;
}

/** A result that JSON cannot express equals no other result. */
function hashOf(value: unknown): string {
  try {
    return createHash("sha256").update(JSON.stringify(value)).digest("base64");
  } catch {
    return crypto.randomUUID();
  }
}
