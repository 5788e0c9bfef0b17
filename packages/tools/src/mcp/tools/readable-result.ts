import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";

type Content = CallToolResult["content"][number];

/**
 * The text of a result for a model. Tool messages of the chat completions API contain only text;
 * the text names images, audio and files, which are in the message's `artifact`.
 */
export function readableResult({ content, structuredContent }: CallToolResult): {
  readonly text: string;
  readonly files: readonly Content[];
} {
  const texts = content.map(readable).filter((text) => text !== "");
  // Structured content repeats the text, or is the only content.
  if (texts.length === 0 && structuredContent) texts.push(JSON.stringify(structuredContent));
  return { text: texts.join("\n"), files: content.flatMap(fileOf) };
}

function readable(content: Content): string {
  switch (content.type) {
    case "text":
      return content.text;
    case "image":
    case "audio":
      return `[${content.type}, ${content.mimeType}, ${bytesOf(content.data)} bytes]`;
    case "resource_link":
      return `[${content.name}: ${content.uri}${content.description ? `, ${content.description}` : ""}]`;
    case "resource":
      return "text" in content.resource
        ? content.resource.text
        : `[file ${content.resource.uri}, ${bytesOf(content.resource.blob)} bytes]`;
  }
}

function fileOf(content: Content): readonly Content[] {
  const { type } = content;
  if (type === "image" || type === "audio") {
    return [{ type, data: content.data, mimeType: content.mimeType }];
  }
  return type === "resource" && "blob" in content.resource
    ? [{ type, resource: content.resource }]
    : [];
}

function bytesOf(base64: string): number {
  return Math.floor((base64.length * 3) / 4);
}
