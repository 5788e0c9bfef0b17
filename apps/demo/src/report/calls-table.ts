import type { CallRecord } from "@orchestra/core";
import { plainLine } from "../plain-text.ts";
import { sumUsage } from "../usage.ts";
import { dollars, seconds } from "../view/words.ts";
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
  { title: "status", atLeast: 8 },
];

/** Every model call in a line, and their sums. */
export function callsTable(calls: readonly CallRecord[], width: number): string[] {
  return table(columns, [...calls.map(callRow), totalRow(calls)], width);
}

function callRow(call: CallRecord): string[] {
  const { role, model, servedModel, via, provider, attempts } = call;
  const isOther = servedModel !== undefined && servedModel !== model;
  return [
    role,
    isOther ? `${model} → ${servedModel}` : model,
    [via, provider && `(${provider})`].filter(Boolean).join(" "),
    String(attempts.length),
    String(call.promptTokens),
    String(call.completionTokens),
    dollars(call.costUsd),
    seconds(call.durationMs),
    statusOf(call),
  ].map(plainLine);
}

function statusOf({ status, fallbackUsed, error, attempts }: CallRecord): string {
  if (status === "aborted") return "aborted";
  if (status === "failed") return error?.kind ?? "failed";
  if (fallbackUsed) return "fallback";
  return attempts.length > 1 ? "retried" : "ok";
}

function totalRow(calls: readonly CallRecord[]): string[] {
  const { promptTokens, completionTokens, costUsd } = sumUsage(calls);
  const tries = calls.reduce((sum, { attempts }) => sum + attempts.length, 0);
  const durationMs = calls.reduce((sum, call) => sum + call.durationMs, 0);
  return [
    "total",
    "",
    "",
    String(tries),
    String(promptTokens),
    String(completionTokens),
    dollars(costUsd),
    seconds(durationMs),
    "",
  ];
}
