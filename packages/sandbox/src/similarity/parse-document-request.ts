import type { JsonObject } from "../wire/chat-request.ts";
import { InvalidChatRequestError } from "../wire/parse-chat-request.ts";
import type { DocumentRequest } from "./answers.ts";
import type { DocumentModel } from "./document-model.ts";

const maxInputs = 2048;
const maxDimensions = 4096;

/**
 * Reads the body of a request to `/embeddings` or `/rerank`.
 *
 * @throws {@link InvalidChatRequestError} if there is nothing to answer
 */
export function parseDocumentRequest(
  body: JsonObject,
  kind: DocumentModel["kind"],
): DocumentRequest {
  const { model } = body;
  if (typeof model !== "string" || model === "") {
    throw new InvalidChatRequestError("No models provided");
  }
  return kind === "embeddings" ? embeddings(model, body) : rerank(model, body);
}

function embeddings(model: string, body: JsonObject): DocumentRequest {
  const { input, dimensions, encoding_format: format = "float" } = body;
  const texts = textsOf(typeof input === "string" ? [input] : input, "input");
  if (format !== "float" && format !== "base64") {
    throw new InvalidChatRequestError("encoding_format must be float or base64");
  }
  const size = wholeOf(dimensions, "dimensions", maxDimensions);
  return {
    model,
    texts,
    asksForBase64: format === "base64",
    ...(size !== undefined && { dimensions: size }),
  };
}

function rerank(model: string, { query, documents, top_n: top }: JsonObject): DocumentRequest {
  const list: unknown[] = Array.isArray(documents) ? documents : [];
  const texts = list.map((document: unknown) =>
    typeof document === "object" && document !== null && "text" in document
      ? document.text
      : document,
  );
  const topN = wholeOf(top, "top_n", Infinity);
  return {
    model,
    texts: [...textsOf([query], "query"), ...textsOf(texts, "documents")],
    ...(topN !== undefined && { topN }),
  };
}

function textsOf(value: unknown, name: string): string[] {
  const texts: unknown[] = Array.isArray(value) ? value : [];
  if (texts.length === 0 || texts.length > maxInputs) {
    throw new InvalidChatRequestError(`${name} must have 1 to ${maxInputs} texts`);
  }
  return texts.map((text) => {
    if (typeof text === "string" && text !== "") return text;
    throw new InvalidChatRequestError(`${name} must be texts that are not empty`);
  });
}

function wholeOf(value: unknown, name: string, max: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max) {
    return value;
  }
  throw new InvalidChatRequestError(`${name} must be a positive integer`);
}
