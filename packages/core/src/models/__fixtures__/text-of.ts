import type { BaseMessageChunk } from "@langchain/core/messages";

/** All the text of a stream. */
export async function textOf(stream: AsyncIterable<BaseMessageChunk>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += chunk.text;
  return text;
}
