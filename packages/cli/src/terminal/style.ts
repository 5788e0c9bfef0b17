import { styleText } from "node:util";
import type { Environment } from "@orchestra/core";
import type { Output } from "../command-context.ts";

export type Format = Parameters<typeof styleText>[0];

/** Formats a text for the terminal; without colors, it returns the text unchanged. */
export type Style = (format: Format, text: string) => string;

/**
 * Uses colors on a terminal only. `NO_COLOR` turns them off, also against `FORCE_COLOR`, which turns them on
 * everywhere: https://no-color.org.
 */
export function createStyle(output: Output, environment: Environment): Style {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  const isForced = Boolean(FORCE_COLOR) && FORCE_COLOR !== "0";
  const isWanted = output.isTTY === true && TERM !== "dumb";
  if (NO_COLOR || !(isForced || isWanted)) return (_, text) => text;
  return (format, text) => styleText(format, text, { validateStream: false });
}
