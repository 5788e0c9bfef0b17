import { styleText } from "node:util";

/** Where people read. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

type Format = Parameters<typeof styleText>[0];

/** Colors a text, on a terminal that wants colors: `NO_COLOR` and `FORCE_COLOR` are respected. */
export type Style = (format: Format, text: string) => string;

export function styleFor(stream: Output): Style {
  return (format, text) => styleText(format, text, { stream });
}
