import { styleText } from "node:util";

/** An output stream. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

type Format = Parameters<typeof styleText>[0];

/** Colors a text on a terminal. `NO_COLOR` turns colors off, `FORCE_COLOR` on. */
export type Style = (format: Format, text: string) => string;

export function styleFor(stream: Output): Style {
  return (format, text) => styleText(format, text, { stream });
}
