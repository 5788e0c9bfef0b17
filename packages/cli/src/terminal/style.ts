import { styleText } from "node:util";
import type { Environment } from "@orchestra/core";
import type { Output } from "../surroundings.ts";

export type Format = Parameters<typeof styleText>[0];

/** Colors a text, or leaves it as it is. */
export type Style = (format: Format, text: string) => string;

/** Colors on a terminal only. `NO_COLOR` turns them off, `FORCE_COLOR` on: https://no-color.org. */
export function createStyle(output: Output, environment: Environment): Style {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  const isForced = Boolean(FORCE_COLOR) && FORCE_COLOR !== "0";
  const isWanted = output.isTTY === true && TERM !== "dumb";
  if (NO_COLOR || !(isForced || isWanted)) return (_, text) => text;
  return (format, text) => styleText(format, text, { validateStream: false });
}
