import type { Dialect } from "./dialect.ts";
import { rewriteMessage } from "./rewrite.ts";

/** Ways to write text and reasoning. */
export const contentDialects: readonly Dialect[] = [
  {
    name: "content-parts",
    description: 'Text as a list of parts, [{ type: "text", text }].',
    ...rewriteMessage(({ content, ...message }) => ({
      ...message,
      content: content ? [{ type: "text", text: content }] : content,
    })),
  },
];
