import stringWidth from "string-width";
import type { CallRecord } from "@orchestra/core";
import { plainLine } from "../plain-text.ts";
import { sumUsage } from "../usage.ts";
import { count, dollars, seconds } from "../view/words.ts";
import { table, type Column } from "./table.ts";

const columns: readonly Column[] = [
  { title: "role", atLeast: 10 },
  { title: "model", atLeast: 16 },
  { title: "via", atLeast: 10 },
  { title: "tries", align: "right" },
  { title: "in", align: "right" },
  { title: "out", align: "right" },
  { title: "cost", align: "right" },
  { title: "time", align: "right" },
  { title: "status", atLeast: 12 },
];

/** A line for each model call, with a second line if another model answered; and a line with the sums. */
export function callsTable(calls: readonly CallRecord[], width: number): string[] {
  const rows = [...calls.flatMap(callRows), totalRow(calls)];
  const tables = leftOut.map((titles) => tableWithout(titles, rows, width));
  const isNarrow = (lines: readonly string[]) => lines.every((line) => stringWidth(line) <= width);
  return tables.find(isNarrow) ?? tables.at(-1) ?? [];
}

/** Columns to leave out on a narrow terminal; the first list with which the table fits is used. */
const leftOut: readonly (readonly string[])[] = [
  [],
  ["via"],
  ["via", "tries", "in", "out"],
  ["via", "tries", "in", "out", "model"],
  ["via", "tries", "in", "out", "model", "time"],
];

function tableWithout(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const isShown = (_: unknown, index: number) => !titles.includes(columns[index]?.title ?? "");
  const shown = rows.map((row) => row.filter(isShown)).filter((row) => row.some(Boolean));
  return table(columns.filter(isShown), shown, width);
}

function callRows(call: CallRecord): string[][] {
  const { role, model, servedModel = model } = call;
  const row = [
    role,
    model,
    routeOf(call),
    String(call.attempts.length),
    String(call.promptTokens),
    String(call.completionTokens),
    atLeast(call),
    seconds(call.durationMs),
    statusOf(call),
  ].map(plainLine);
  return servedModel === model ? [row] : [row, ["", plainLine(`→ ${servedModel}`)]];
}

/** The cost, with a question mark if the cost of a request is unknown; {@link unknownCosts} explains it. */
function atLeast({ costUsd, unknownCostAttempts = 0 }: Paid): string {
  return `${dollars(costUsd)}${unknownCostAttempts > 0 ? " + ?" : ""}`;
}

type Paid = Pick<CallRecord, "costUsd" | "unknownCostAttempts">;

/** Explains the question marks of the table, if there are some. */
export function unknownCosts(calls: readonly CallRecord[]): string | undefined {
  const { unknownCostAttempts } = sumUsage(calls);
  if (unknownCostAttempts === 0) return undefined;
  return `? ${count(unknownCostAttempts, "request")} of unknown cost: the server did not report it`;
}

/** The route and provider of the answer; without an answer, of the last attempt. */
function routeOf({ via, provider, attempts }: CallRecord): string {
  const last = attempts.at(-1);
  return [via ?? last?.via, via === undefined ? last?.provider : provider]
    .filter(Boolean)
    .join("/");
}

function statusOf({ status, fallbackUsed, error, attempts }: CallRecord): string {
  if (status === "aborted") return "aborted";
  if (status === "failed") return error?.kind ?? "failed";
  if (fallbackUsed) return "fallback";
  return attempts.length > 1 ? "retried" : "ok";
}

function totalRow(calls: readonly CallRecord[]): string[] {
  const usage = sumUsage(calls);
  const tries = calls.reduce((sum, { attempts }) => sum + attempts.length, 0);
  const durationMs = calls.reduce((sum, call) => sum + call.durationMs, 0);
  return [
    "total",
    "",
    "",
    String(tries),
    String(usage.promptTokens),
    String(usage.completionTokens),
    atLeast(usage),
    seconds(durationMs),
    "",
  ];
}
