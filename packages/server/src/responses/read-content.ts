import { shownType, unsupported } from "./unsupported.ts";

interface Part {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type ChatContent = string | readonly object[];

/** The content of a message or of a result; one text stays a text, which every server takes. */
export function readContent(content: string | readonly Part[], where: string): ChatContent {
  if (typeof content === "string") return content;
  const [first] = content;
  if (first && content.length === 1 && typeof textOf(first) === "string")
    return textOf(first) ?? "";
  return content.map((part, at) => readPart(part, `${where}[${at}]`));
}

function textOf(part: Part): string | undefined {
  switch (part.type) {
    case "input_text":
    case "output_text":
    case "text":
      return String(part["text"]);
    case "refusal":
      return String(part["refusal"]);
    default:
      return undefined;
  }
}

function readPart(part: Part, where: string): object {
  const text = textOf(part);
  if (text !== undefined) return { type: "text", text };
  if (typeof part["file_id"] === "string") {
    throw unsupported(`${where}.file_id`, "A file by its id", "Send the file's data, or a URL.");
  }
  switch (part.type) {
    case "input_image": {
      const { detail } = part;
      const image = { url: part["image_url"], ...(typeof detail === "string" ? { detail } : {}) };
      return { type: "image_url", image_url: image };
    }
    case "input_file": {
      const { filename, file_data, file_url } = part;
      // OpenRouter takes a URL in the place of the data.
      const data = file_data ?? file_url;
      return { type: "file", file: { ...(filename ? { filename } : {}), file_data: data } };
    }
    case "input_audio":
      return { type: "input_audio", input_audio: part["input_audio"] };
    default: {
      const what = `Content of the type ${shownType(part)}`;
      throw unsupported(where, what, "Send input_text, input_image, input_file or input_audio.");
    }
  }
}
