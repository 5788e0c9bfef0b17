import type { FunctionName } from "./read-tools.ts";
import type { OutputItem } from "./response-object.ts";

/** Sends one event of a stream; its number is added. */
export type Emit = (type: string, fields: object) => void;

/** The position of an item in the output. */
export interface Place {
  readonly item_id: string;
  readonly output_index: number;
}

/** A part of an item that is being written. */
interface TextPart {
  readonly type: "output_text" | "refusal" | "reasoning_text";
  text: string;
  readonly annotations?: object[];
}

/** Names of the events of a part, and the field with its text. */
const partKinds = {
  output_text: { event: "response.output_text", field: "text" },
  refusal: { event: "response.refusal", field: "refusal" },
  reasoning_text: { event: "response.reasoning_text", field: "text" },
} as const;

export type PartType = keyof typeof partKinds;

/** A message or the reasoning of the model while it is being written: one item, with one part or several. */
export class TextItem {
  readonly kind: "message" | "reasoning";
  readonly #emit: Emit;
  readonly #place: Place;
  readonly #parts: TextPart[] = [];

  constructor(kind: "message" | "reasoning", emit: Emit, place: Place) {
    this.kind = kind;
    this.#emit = emit;
    this.#place = place;
    emit("response.output_item.added", {
      output_index: place.output_index,
      item: this.item("in_progress"),
    });
  }

  add(type: PartType, delta: string): void {
    let part = this.#parts.at(-1);
    if (part?.type !== type) {
      this.#endPart();
      part = { type, text: "", ...(type === "output_text" ? { annotations: [] } : {}) };
      this.#parts.push(part);
      this.#send("response.content_part.added", { part: shown(part) });
    }
    part.text += delta;
    this.#send(`${partKinds[type].event}.delta`, {
      delta,
      ...(type === "output_text" ? { logprobs: [] } : {}),
    });
  }

  /** @returns whether the item has a text to annotate */
  annotate(annotation: object): boolean {
    const annotations = this.#parts.at(-1)?.annotations;
    if (!annotations) return false;
    const annotation_index = annotations.push(annotation) - 1;
    this.#send("response.output_text.annotation.added", { annotation_index, annotation });
    return true;
  }

  /** @param encrypted - The state of the model, for an item of reasoning. */
  end(status: string, encrypted?: string): OutputItem {
    this.#endPart();
    const item = this.item(status, encrypted);
    this.#emit("response.output_item.done", { output_index: this.#place.output_index, item });
    return item;
  }

  item(status: string, encrypted_content?: string): OutputItem {
    const { item_id: id } = this.#place;
    const content = this.#parts.map(shown);
    if (this.kind === "message") {
      return { type: "message", id, status, role: "assistant", content } as OutputItem;
    }
    const state = encrypted_content === undefined ? {} : { encrypted_content };
    const item = { type: "reasoning", id, status, summary: [], content, ...state };
    return item;
  }

  #endPart(): void {
    const part = this.#parts.at(-1);
    if (!part) return;
    const { event, field } = partKinds[part.type];
    const logprobs = part.type === "output_text" ? { logprobs: [] } : {};
    this.#send(`${event}.done`, { [field]: part.text, ...logprobs });
    this.#send("response.content_part.done", { part: shown(part) });
  }

  #send(type: string, fields: object): void {
    this.#emit(type, { ...this.#place, content_index: this.#parts.length - 1, ...fields });
  }
}

function shown({ type, text, annotations }: TextPart): object {
  const { field } = partKinds[type];
  return { type, [field]: text, ...(annotations ? { annotations, logprobs: [] } : {}) };
}

/** A function call while its arguments are being written. */
export class CallItem {
  readonly #emit: Emit;
  readonly #place: Place;
  readonly #call: FunctionName & { readonly call_id: string };
  #arguments = "";

  constructor(call: FunctionName & { readonly call_id: string }, emit: Emit, place: Place) {
    this.#call = call;
    this.#emit = emit;
    this.#place = place;
    emit("response.output_item.added", {
      output_index: place.output_index,
      item: this.item("in_progress"),
    });
  }

  add(delta: string): void {
    this.#arguments += delta;
    this.#emit("response.function_call_arguments.delta", { ...this.#place, delta });
  }

  end(status: string): OutputItem {
    const item = this.item(status);
    const { output_index } = this.#place;
    this.#emit("response.function_call_arguments.done", {
      ...this.#place,
      name: this.#call.name,
      arguments: this.#arguments,
    });
    this.#emit("response.output_item.done", { output_index, item });
    return item;
  }

  item(status: string): OutputItem {
    const id = this.#place.item_id;
    const item = { type: "function_call", id, status, ...this.#call, arguments: this.#arguments };
    return item;
  }
}
