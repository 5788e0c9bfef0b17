import { randomUUID } from "node:crypto";
import type { CompletionChunk } from "@orchestra/core";
import { isObject } from "@orchestra/core/extend";
import type { ApiError } from "../errors/api-error.ts";
import { imageFieldsOf, sendImageItem } from "./image-item.ts";
import { CallItem, TextItem, type Emit, type PartType, type Place } from "./output-items.ts";
import { StateCollector } from "./model-state.ts";
import type { Tools } from "./read-tools.ts";
import type { ResponsesRequest } from "./request-schema.ts";
import { errorOf, responseObject, type OutputItem, type ResponseState } from "./response-object.ts";
import { ResponseUsage } from "./response-usage.ts";

type Delta = CompletionChunk["choices"][number]["delta"] & {
  readonly reasoning?: unknown;
  readonly reasoning_content?: unknown;
  readonly thinking?: unknown;
  readonly annotations?: unknown;
  readonly images?: unknown;
};

const prefixes = { message: "msg", reasoning: "rs", call: "fc", image: "ig" } as const;

/** Creates a response from the chunks of a completion, and the events of its stream. */
export class ResponseBuilder {
  readonly #request: ResponsesRequest;
  readonly #tools: Tools;
  readonly #send: Emit;
  readonly #key = randomUUID().replaceAll("-", "");
  readonly #createdAt = Math.floor(Date.now() / 1000);
  readonly #output: OutputItem[] = [];
  readonly #calls = new Map<number, { readonly place: Place; readonly item: CallItem }>();
  /** Citations that wait for a text. */
  #citations: readonly object[] = [];
  #text: { readonly place: Place; readonly item: TextItem } | undefined;
  #items = 0;
  #model: string;
  #finish: string | null = null;
  readonly #usage = new ResponseUsage();
  readonly #state = new StateCollector();
  /** The state in the first item of reasoning. */
  #sentState: string | undefined;
  #isCreated = false;

  /** @param emit - Receives each event, with its fields and its number. */
  constructor(request: ResponsesRequest, tools: Tools, emit: Emit) {
    this.#request = request;
    this.#tools = tools;
    this.#model = request.model ?? "";
    let number = 0;
    this.#send = (type, fields) => emit(type, { type, sequence_number: number++, ...fields });
  }

  add(chunk: CompletionChunk): void {
    if (isText(chunk.model)) this.#model = chunk.model;
    this.#create();
    this.#usage.add(chunk);
    // A response has one answer.
    const choice = chunk.choices?.find((each) => isObject(each) && !each.index);
    if (!choice) return;
    this.#finish = choice.finish_reason ?? this.#finish;
    // A chunk may have no delta, although its type requires one.
    if (!choice.delta) return;
    this.#state.add(chunk, choice.delta);
    this.#addDelta(choice.delta);
  }

  /** @returns the response */
  end(): object {
    this.#create();
    if (this.#finish === "error") return this.#fail({});
    const incompleteReason = incompleteReasons[this.#finish ?? ""];
    const status = incompleteReason === undefined ? "completed" : "incomplete";
    this.#endItems(status);
    this.#addState();
    return this.#finishWith({ status, incompleteReason });
  }

  fail(error: ApiError): void {
    this.#create();
    const { code, message, details } = { ...errorOf(error), details: error.details };
    const { type, param = null, metadata } = details;
    // Some of OpenAI's clients read one form, some the other.
    const described = { code, message, param };
    this.#send("error", { ...described, error: { ...described, type, metadata } });
    this.#fail({ error });
  }

  #fail(fields: Pick<ResponseState, "error">): object {
    this.#endItems("incomplete");
    return this.#finishWith({ status: "failed", ...fields });
  }

  #finishWith(end: Pick<ResponseState, "status" | "incompleteReason" | "error">): object {
    const response = this.#response({ ...end, usage: this.#usage.build() });
    this.#send(`response.${end.status}`, { response });
    return response;
  }

  #create(): void {
    if (this.#isCreated) return;
    this.#isCreated = true;
    const response = this.#response({ status: "in_progress" });
    this.#send("response.created", { response });
    this.#send("response.in_progress", { response });
  }

  #response(end: Pick<ResponseState, "status"> & Partial<ResponseState>): object {
    const state = { id: `resp_${this.#key}`, createdAt: this.#createdAt, model: this.#model };
    return responseObject(this.#request, { ...state, output: this.#output, ...end });
  }

  #addDelta(delta: Delta): void {
    const { content, refusal, tool_calls: calls, annotations, images } = delta;
    // Names for it of several servers.
    const reasoning = delta.reasoning ?? delta.reasoning_content ?? delta.thinking;
    if (isText(reasoning)) this.#addText("reasoning", "reasoning_text", reasoning);
    if (isText(content)) this.#addText("message", "output_text", content);
    if (isText(refusal)) this.#addText("message", "refusal", refusal);
    if (Array.isArray(annotations))
      this.#citations = [...this.#citations, ...annotations.flatMap(citationOf)];
    // They may come before their text.
    this.#citations = this.#citations.filter((each) => !this.#text?.item.annotate(each));
    if (Array.isArray(images)) for (const each of images) this.#addImage(each);
    for (const call of calls ?? []) this.#addCall(call);
  }

  #addText(kind: TextItem["kind"], type: PartType, delta: string): void {
    this.#openText(kind).add(type, delta);
  }

  #openText(kind: TextItem["kind"]): TextItem {
    if (this.#text?.item.kind === kind) return this.#text.item;
    this.#endText("completed");
    const place = this.#nextPlace(kind);
    const item = new TextItem(kind, this.#send, place);
    this.#text = { place, item };
    return item;
  }

  /** Adds the state that came after the first item of reasoning, such as the signature of a tool call. */
  #addState(): void {
    const state = this.#state.encode();
    if (state === this.#sentState) return;
    this.#sentState = undefined;
    this.#openText("reasoning");
    this.#endText("completed");
  }

  #addImage(image: unknown): void {
    const fields = imageFieldsOf(image);
    if (!fields) return;
    this.#endText("completed");
    const place = this.#nextPlace("image");
    this.#output[place.output_index] = sendImageItem(fields, this.#send, place);
  }

  #addCall(part: NonNullable<Delta["tool_calls"]>[number]): void {
    const { index, id, function: called } = part;
    let call = this.#calls.get(index);
    if (!call) {
      this.#endText("completed");
      const place = this.#nextPlace("call");
      const name = this.#tools.names.get(called?.name ?? "") ?? { name: called?.name ?? "" };
      const call_id = id ?? place.item_id;
      this.#state.addCall(call_id, part);
      const item = new CallItem({ call_id, ...name }, this.#send, place);
      this.#calls.set(index, (call = { place, item }));
    }
    if (isText(called?.arguments)) call.item.add(called.arguments);
  }

  /** Calls end together, because their pieces may arrive in turn. */
  #endItems(status: string): void {
    for (const { place, item } of this.#calls.values()) {
      this.#output[place.output_index] = item.end(status);
    }
    this.#endText(status);
  }

  #endText(status: string): void {
    if (!this.#text) return;
    const { place, item } = this.#text;
    this.#text = undefined;
    // Once, because each has the whole state.
    if (item.kind === "reasoning" && this.#sentState === undefined) {
      this.#sentState = this.#state.encode();
      this.#output[place.output_index] = item.end(status, this.#sentState);
    } else {
      this.#output[place.output_index] = item.end(status);
    }
  }

  #nextPlace(kind: keyof typeof prefixes): Place {
    const output_index = this.#items;
    this.#items += 1;
    return { item_id: `${prefixes[kind]}_${this.#key}${output_index}`, output_index };
  }
}

const incompleteReasons: Readonly<Record<string, string>> = {
  length: "max_output_tokens",
  content_filter: "content_filter",
};

/** A citation of a web page; OpenRouter's annotations of files have no form in responses. */
function citationOf(annotation: unknown): object[] {
  const { url_citation: fields } = Object(annotation) as Record<string, unknown>;
  return isObject(fields) ? [{ ...fields, type: "url_citation" }] : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
