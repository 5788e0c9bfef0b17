import type { OutputSchema } from "../completions/schemas/index.ts";
import type { CallEvent } from "../usage/events.ts";

const beginsJson = /^\s*(?:```(?:json)?\s*)?[[{]/;
const mayBegin = /^\s*(?:`{1,3}|```j?s?o?n?\s*)?$/;

/** In characters. Objects of longer texts are not emitted: parsing 15 million characters takes 90 ms in one turn. */
const maxPartial = 2 ** 17;

type Emit = (event: CallEvent) => void;

/**
 * Emits the pieces of an answer for display: text unchanged; for an answer with an output schema, the object so
 * far.
 *
 * @returns a function that takes the pieces of one attempt
 */
export function answerDeltas(
  attempt: number,
  outputSchema: OutputSchema | undefined,
  emit: Emit,
): (piece: string) => void {
  if (outputSchema && !outputSchema.isText) return objectDeltas(attempt, outputSchema, emit);
  return (text) => emit({ type: "text-delta", attempt, text });
}

/**
 * Text that is not JSON, such as text beside tool calls, is emitted as text. Between two objects the answer grows
 * by at least a sixteenth: a long answer must not be parsed with each token. Only the beginning of a very long
 * answer is emitted.
 */
function objectDeltas(attempt: number, schema: OutputSchema, emit: Emit): (piece: string) => void {
  let text = "";
  let parsed = 0;
  let isText = false;
  let isTooLong = false;
  const emitText = (piece: string) => emit({ type: "text-delta", attempt, text: piece });
  return (piece) => {
    if (isText) {
      emitText(piece);
      return;
    }
    if (isTooLong) return;
    text += piece;
    const start = beginsJson.exec(text);
    if (!start) {
      isText = !mayBegin.test(text);
      if (isText) emitText(text);
      return;
    }
    isTooLong = text.length > maxPartial;
    if (isTooLong || text.length - parsed < parsed / 16) return;
    parsed = text.length;
    const partial = schema.readPartial(text.slice(start[0].length - 1));
    if (typeof partial === "object" && partial !== null) {
      emit({ type: "object-delta", attempt, partial });
    }
  };
}
