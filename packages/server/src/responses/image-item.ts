import type { Emit, Place } from "./output-items.ts";
import type { OutputItem } from "./response-object.ts";

/** An image in OpenAI's Responses: base64 and its format, or a URL if the model sent one. */
export interface ImageFields {
  readonly result: string;
  readonly output_format?: string;
}

const dataUrl = /^data:image\/([^;,]+);base64,/;

/** Reads an image of a chat completion: `{ type: "image_url", image_url: { url } }`. */
export function imageFieldsOf(image: unknown): ImageFields | undefined {
  const { image_url: imageUrl } = Object(image) as { readonly image_url?: unknown };
  const { url } = Object(imageUrl) as { readonly url?: unknown };
  if (typeof url !== "string" || url === "") return undefined;
  const [prefix, output_format] = dataUrl.exec(url) ?? [];
  if (prefix === undefined || output_format === undefined) return { result: url };
  return { result: url.slice(prefix.length), output_format };
}

/** The reverse of {@link imageFieldsOf}. */
export function chatImageOf({ result, output_format = "png" }: ImageFields): object {
  const isUrl = /^(?:data|https?):/.test(result);
  const url = isUrl ? result : `data:image/${output_format};base64,${result}`;
  return { type: "image_url", image_url: { url } };
}

/** Sends the events of an image, which arrives as a whole. */
export function sendImageItem(
  fields: ImageFields,
  emit: Emit,
  { item_id: id, output_index }: Place,
): OutputItem {
  const type = "image_generation_call";
  const begun = { type, id, status: "in_progress", result: null };
  emit("response.output_item.added", { output_index, item: begun });
  emit("response.image_generation_call.completed", { output_index, item_id: id });
  const item = { type, id, status: "completed", ...fields };
  emit("response.output_item.done", { output_index, item });
  return item;
}
