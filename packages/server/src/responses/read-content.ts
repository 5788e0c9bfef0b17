import { requiredText } from "./required-text.ts";
import { shownType, unsupported } from "./unsupported.ts";

interface Part {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type ChatContent = string | readonly object[];

/** The content of a message or of a result. A single text stays a text, which every server accepts. */
export function readContent(content: string | readonly Part[], where: string): ChatContent {
  if (typeof content === "string") return content;
  const [first] = content;
  if (!first) return "";
  const only = content.length === 1 ? textOf(first, `${where}[0]`) : undefined;
  return only ?? content.map((part, at) => readPart(part, `${where}[${at}]`));
}

/** The text of a part, which may be empty; `undefined` for a part of another kind. */
function textOf(part: Part, where: string): string | undefined {
  const field = textFields.get(part.type);
  if (field === undefined) return undefined;
  return part[field] === "" ? "" : requiredText(part, field, where);
}

/** The field with the text of a part, by its type. */
const textFields: ReadonlyMap<string, string> = new Map([
  ["input_text", "text"],
  ["output_text", "text"],
  ["text", "text"],
  ["refusal", "refusal"],
]);

function readPart(part: Part, where: string): object {
  const text = textOf(part, where);
  if (text !== undefined) return { type: "text", text };
  if (typeof part["file_id"] === "string") {
    throw unsupported(`${where}.file_id`, "A file by its id", "Send the file's data, or a URL.");
  }
  switch (part.type) {
    case "input_image": {
      const { detail } = part;
      const url = requiredText(part, "image_url", where);
      const image = { url, ...(typeof detail === "string" ? { detail } : {}) };
      return { type: "image_url", image_url: image };
    }
    case "input_file": {
      const { filename, file_data, file_url } = part;
      // OpenRouter accepts a URL instead of the data.
      const data = file_data ?? file_url ?? requiredText(part, "file_data", where);
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
