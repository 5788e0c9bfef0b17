import type { ResponseMetadata } from "../usage/response-metadata.ts";
import { fullerUsage, isFeeAlone, isZeroCost, readUsage, tidyUsage } from "../usage/usage.ts";
import { secretPattern } from "../errors/index.ts";
import type { Fields } from "../input/is-object.ts";
import { checkOddCompletion } from "./check-completion.ts";
import { asDelta, flattenContent, textOf } from "./content-parts.ts";
import {
  bareError,
  brokenCall,
  brokenOff,
  failedMidway,
  failureFrom,
  filtered,
  hasError,
  hasWords,
  invalid,
  refused,
  tooLarge,
} from "./invalid-answer.ts";
import { cleanName, maxName, reasonPattern } from "./clean-name.ts";
import type { HttpResponse } from "./http/http.ts";
import { defaultLimits } from "./limits.ts";
import { openEnvelope } from "./envelope.ts";
import { nothingSaid, tidyFinish, usualReasons } from "./finish-reasons.ts";
import { joinChoices } from "./join-choices.ts";
import { checkChoices, contentFields, isIndex } from "./message-parts.ts";
import { readCalls } from "./tool-calls/read-calls.ts";
import { nameless, ToolCallCount } from "./tool-calls/tool-call-count.ts";
import type { ChatRequest, Completion, CompletionChunk, OpenRouterChoiceFields } from "./wire.ts";

/** Tracks one response: provider, model and usage, and of a stream whether it has begun, failed or finished. */
export class ResponseState {
  readonly metadata: { -readonly [K in keyof ResponseMetadata]: ResponseMetadata[K] } = {};
  /** Whether the request may have reached the server. */
  isSent = false;
  hasToken = false;
  /** How many choices the request asks for. */
  requestedChoices = 1;
  /** The tools of the request. */
  tools: ChatRequest["tools"];
  /** Whether the choices of the stream have their finish reasons: only usage can follow. */
  isFinished = false;
  /** Whether the stream is complete: no more data has to be waited for. */
  isComplete = false;
  #hasContent = false;
  /** Whether only usage has arrived last: the end of streams without finish reasons. */
  #endsWithUsage = false;
  #isFiltered = false;
  #ended: string | undefined;
  #reason: string | undefined;
  /** The text that the server sent instead of an answer. */
  #words: unknown;
  #isEmpty = true;
  #refusal = "";
  limits = defaultLimits;
  #characters = 0;
  #calls: ToolCallCount | undefined;
  #finishes = 0;

  readHeaders({ status, header }: HttpResponse): void {
    this.metadata.status = status;
    const generationId = header("x-generation-id");
    if (generationId) this.metadata.generationId = generationId;
    const option = /targets\[(\d+)\]/.exec(header("x-portkey-last-used-option-index") ?? "");
    if (option) this.metadata.gatewayTarget = Number(option[1]);
  }

  /** @param isLast - Whether the answer is complete. Usage that is reported earlier is not final. */
  readBody(body: Completion | CompletionChunk, isLast = true): void {
    const { metadata } = this;
    const { id, model, provider, usage = body.x_groq?.usage } = body;
    const reason: unknown = body.choices?.[0]?.finish_reason;
    if (typeof reason === "string" && reasonPattern.test(reason)) metadata.finishReason = reason;
    if (id && typeof id === "string" && !metadata.generationId) {
      metadata.generationId = id.length > maxName || secretPattern.test(id) ? cleanName(id) : id;
    }
    if (model && model !== metadata.servedModel && typeof model === "string") {
      metadata.servedModel =
        model.length > maxName || secretPattern.test(model) ? cleanName(model) : model;
    }
    if (provider && provider !== metadata.provider && typeof provider === "string") {
      metadata.provider =
        provider.length > maxName || secretPattern.test(provider) ? cleanName(provider) : provider;
    }
    if (!usage || typeof usage !== "object") return;
    const fields = usage as unknown as Fields;
    const read = readUsage(fields);
    if (read.promptTokens === 0 && read.completionTokens === 0 && read.costUsd === 0) return;
    const { usage: before, costSource } = metadata;
    const isCost =
      !isFeeAlone(fields) && (read.costUsd > 0 || (isLast && isZeroCost(fields["cost"])));
    metadata.usage = before ? fullerUsage(before, read) : read;
    // A fee is not the cost. The 0 of an answer that has only begun is not the cost either.
    if (before && isCost !== (costSource !== undefined)) {
      const { costUsd } = isCost ? read : before;
      metadata.usage = { ...metadata.usage, costUsd };
    }
    if (read.promptTokens !== usage.prompt_tokens) tidyUsage(fields, read);
    if (isCost) metadata.costSource = "server";
  }

  /**
   * Takes the next chunk of a stream.
   *
   * @param now - Milliseconds since the epoch.
   * @returns whether the chunk shows progress
   * @throws {ModelError} for an error in the stream
   */
  take(chunk: CompletionChunk, now: number): boolean {
    this.#isEmpty = false;
    const { isFinished: wasFinished } = this;
    if (!chunk.choices) openEnvelope(chunk, "delta");
    this.readBody(chunk, wasFinished);
    const error = chunk.error ?? (chunk.choices ? undefined : bareError(chunk));
    if (!chunk.choices && hasWords(chunk)) this.#words ??= chunk;
    if (error && hasError(error)) throw failureFrom(error, chunk);
    let isProgress = false;
    if (!Array.isArray(chunk.choices) || chunk.choices.length > 1)
      chunk.choices = joinChoices(checkChoices(chunk.choices)) as typeof chunk.choices;
    for (const choice of chunk.choices ?? []) {
      if (choice && this.#takeChoice(choice)) isProgress = true;
    }
    if (chunk.usage && this.isFinished && !wasFinished) this.readBody({ ...chunk, choices: [] });
    if (this.hasToken) this.metadata.firstTokenAt ??= now;
    if (chunk.usage && (this.isFinished || !chunk.choices?.length)) {
      this.#endsWithUsage = true;
      // Some servers report usage repeatedly, and some report the cost separately: all parts are waited for.
      const { usage, costSource } = this.metadata;
      this.isComplete ||=
        this.isFinished && (usage?.completionTokens ?? 0) > 0 && costSource === "server";
    } else if (isProgress) this.#endsWithUsage = false;
    return isProgress;
  }

  /** @throws {ModelError} for an answer that was cut off, or that has no content */
  end(): void {
    if (this.#isEmpty) throw invalid("The answer is empty", "empty");
    if (this.#words && !this.#hasContent) throw failureFrom(this.#words);
    if (this.#finishes === 0 && !this.#endsWithUsage) {
      throw invalid("The stream ended before the answer did", "interrupted");
    }
    if (this.#refusal !== "" && !this.#hasContent) throw refused(this.#refusal);
    if (this.#isFiltered) throw filtered();
    if (this.#hasContent) return;
    throw this.#calls ? nameless() : nothingSaid(this.#ended);
  }

  #takeChoice(choice: CompletionChunk["choices"][number]): boolean {
    const { error, usage, native_finish_reason: native } = choice as OpenRouterChoiceFields;
    if (!usualReasons.has(choice.finish_reason ?? "stop")) tidyFinish(choice, this.metadata);
    const reason = choice.finish_reason as string | null | undefined;
    if (error && hasError(error)) throw failureFrom(error);
    const ended = reason && (native ?? reason);
    const hasCalls = this.#calls ?? choice.delta?.tool_calls?.length;
    if (ended && ended.length < maxName && brokenCall.test(ended) && !hasCalls)
      throw brokenOff(ended);
    if (reason === "error") throw failedMidway();
    // Readers concatenate the reasons of all chunks: a repeated reason, such as one with the usage, is not passed on.
    if (ended && this.isFinished && reason === this.#reason) choice.finish_reason = null;
    if (ended) [this.#ended, this.#reason] = [ended, reason];
    if (reason && (this.#finishes += 1) >= this.requestedChoices) this.isFinished = true;
    if (usage) this.readBody({ usage } as CompletionChunk, this.isFinished);
    // Readers that join chunks compare the indexes.
    if (choice.index && !isIndex(choice.index)) choice.index = 0;
    if (reason === "content_filter") this.#isFiltered = true;
    let saysAnything = false;
    let isProgress = false;
    let { delta } = choice;
    if (typeof delta !== "object" || delta === null) delta = asDelta(choice, this.hasToken);
    if (typeof (delta.content ?? "") !== "string") flattenContent(delta);
    for (const field in delta) {
      const value = (delta as Fields)[field];
      // Any field with content, except the role: servers use many names for reasoning.
      if (field === "role" || !value) continue;
      if (typeof value === "object" && Object.keys(value).length === 0) continue;
      if (field === "refusal") {
        isProgress = true;
        this.#refusal += textOf(value);
        continue;
      }
      if (field === "tool_calls") {
        isProgress = true;
        readCalls(delta, this.tools);
        this.#calls ??= new ToolCallCount();
        // Until the name of a tool has arrived, the request can be retried.
        if (!this.#calls.add(delta.tool_calls, this.limits.toolCalls)) continue;
      }
      saysAnything = true;
      if (typeof value === "string") this.#characters += value.length;
      if (contentFields.has(field)) this.#hasContent = true;
    }
    if (this.#characters > this.limits.event) throw tooLarge("EVENT", this.limits.event);
    if (saysAnything) this.hasToken = true;
    return saysAnything || isProgress || Boolean(reason);
  }
}

/**
 * Throws unless a completion is a success: content or a tool call, and another finish reason than `error`.
 * The status 200 does not mean success: OpenRouter sends it as soon as a model has begun.
 *
 * @throws {ModelError}
 */
export function checkCompletion(completion: Completion, maxToolCalls = Infinity): void {
  const { error, choices } = completion as Partial<Completion>;
  const choice: (Completion["choices"][number] & OpenRouterChoiceFields) | undefined = choices?.[0];
  const { content, tool_calls: calls } = choice?.message ?? {};
  const isOdd = error || choice?.error || calls || !content;
  const ended = choice?.native_finish_reason ?? "stop";
  if (isOdd || ended !== "stop" || choice?.finish_reason !== "stop")
    checkOddCompletion(completion, maxToolCalls);
}
