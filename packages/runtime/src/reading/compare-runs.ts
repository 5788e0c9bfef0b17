import { nodeOf, usages } from "@orchestra/core/extend";
import type { CallRecord, OrchestraEvent } from "@orchestra/core";
import { quoted, type Database } from "../database/index.ts";
import { nameCalls, readEntries, type PathEntry } from "../journal/index.ts";
import type { Run } from "../runs/index.ts";

/** The usage of a step of a run: the calls in its journal. */
export interface StepFigures {
  readonly calls: number;
  readonly toolCalls: number;
  /** Calls that this run made itself; a fork has reused the others. */
  readonly paidCalls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** The cost of the calls when they were made. */
  readonly costUsd: number;
  /** The part of it that this run paid. */
  readonly paidUsd: number;
  /** Sum of the times of its calls, in milliseconds. */
  readonly durationMs: number;
  /** Requested models. */
  readonly models: readonly string[];
  /** The name of each call, as in `fork()`, and its text. A call for tools has none. */
  readonly answers: readonly { readonly call: string; readonly text: string }[];
}

/** One visit of a step, in two runs. */
export interface ComparedStep {
  /** The node of the graph; empty outside of a graph. */
  readonly step: string;
  /** 1 for the first execution of this step in the run. */
  readonly visit: number;
  /** Absent if the run did not execute it. */
  readonly a?: StepFigures;
  readonly b?: StepFigures;
  /** Whether the answers of both are the same. */
  readonly isSame: boolean;
}

/** Two runs, step by step. */
export interface RunComparison {
  readonly a: Run;
  readonly b: Run;
  /** Steps without calls are not included. */
  readonly steps: readonly ComparedStep[];
  /** Sums of the steps. The cost of failed calls and repeated steps is only in `usage` of the runs. */
  readonly totals: { readonly a: StepTotals; readonly b: StepTotals };
}

export type StepTotals = Omit<StepFigures, "answers" | "models">;

interface FullEntry extends PathEntry {
  readonly value: CallValue | null;
}

/** The journal's data of a model call. */
interface CallValue {
  readonly record?: CallRecord;
  readonly completion?: {
    readonly choices?: readonly { readonly message?: { readonly content?: unknown } }[];
  };
}

type Steps = ReadonlyMap<
  string,
  { readonly step: string; readonly visit: number } & { readonly figures: StepFigures }
>;

export async function compareRuns(database: Database, a: Run, b: Run): Promise<RunComparison> {
  const [ofA, ofB] = [await stepsOf(database, a.id), await stepsOf(database, b.id)];
  const steps = inOrder([...ofA.keys()], [...ofB.keys()]).map((key) => {
    const [inA, inB] = [ofA.get(key), ofB.get(key)];
    const { step = "", visit = 1 } = inA ?? inB ?? {};
    return {
      step,
      visit,
      ...(inA ? { a: inA.figures } : {}),
      ...(inB ? { b: inB.figures } : {}),
      isSame: textsOf(inA?.figures) === textsOf(inB?.figures),
    };
  });
  return { a, b, steps, totals: { a: sumOf(ofA), b: sumOf(ofB) } };
}

async function stepsOf(database: Database, runId: string): Promise<Steps> {
  const stored = await readEntries<FullEntry>(database, runId, { columns: ["value"] });
  const entries = await withLateCosts(database, stored);
  const paid = await paidCalls(database, runId);
  const names = new Map(nameCalls(entries).map(({ entry, name }) => [entry, name]));
  const visits = new Map<string, number>();
  const steps = [...Map.groupBy(entries, ({ step }) => step)].map(([of, made]) => {
    const step = nodeOf(of);
    const visit = (visits.get(step) ?? 0) + 1;
    visits.set(step, visit);
    const figures = figuresOf(made, names, paid);
    return [`${step}#${visit}`, { step, visit, figures }] as const;
  });
  return new Map(steps);
}

/** Ids of the run's own calls. */
async function paidCalls(database: Database, runId: string): Promise<Set<string>> {
  const ended = await eventsOf(database, "call-end", [runId]);
  return new Set(ended.map(({ callId }) => callId));
}

/** The entries of the journal, with costs of calls that became known after they were stored. */
async function withLateCosts(
  database: Database,
  entries: readonly FullEntry[],
): Promise<readonly FullEntry[]> {
  // A fork has calls of its origin.
  const runIds = new Set(entries.flatMap(({ value }) => value?.record?.runId ?? []));
  const events = await eventsOf(database, "reconcile", [...runIds]);
  const late = Map.groupBy(events, ({ callId }) => callId);
  return entries.map((entry) => {
    const { record } = entry.value ?? {};
    const corrections = record && late.get(record.id);
    if (!corrections) return entry;
    const sum = (field: Exclude<Field, "durationMs">) =>
      corrections.reduce((all, { missing }) => add(all, missing[field]), record[field]);
    const corrected = {
      ...record,
      promptTokens: sum("promptTokens"),
      completionTokens: sum("completionTokens"),
      costUsd: sum("costUsd"),
    };
    return { ...entry, value: { ...entry.value, record: corrected } };
  });
}

type EventOf<Type extends OrchestraEvent["type"]> = Extract<
  OrchestraEvent,
  { readonly type: Type }
>;

/**
 * The events of one type of some runs. PostgreSQL's operators for `json` cannot select them: they refuse texts with a NUL
 * character or half of a surrogate pair, which models and people write.
 */
async function eventsOf<Type extends "call-end" | "reconcile">(
  { query, schema }: Database,
  type: Type,
  runIds: readonly string[],
): Promise<EventOf<Type>[]> {
  const rows = await query<{ event: OrchestraEvent }>(
    `SELECT event FROM ${quoted(schema)}.events
     WHERE run_id = ANY ($1) AND strpos(event::text, $2) > 0`,
    [runIds, `"type":"${type}"`],
  );
  const isOfType = (event: OrchestraEvent): event is EventOf<Type> => event.type === type;
  return rows.map(({ event }) => event).filter(isOfType);
}

function figuresOf(
  entries: readonly FullEntry[],
  names: ReadonlyMap<FullEntry, string>,
  paid: ReadonlySet<string>,
): StepFigures {
  const calls = entries.filter(({ kind }) => kind === "call");
  const records = calls.flatMap(({ value }) => value?.record ?? []);
  const own = records.filter(({ id }) => paid.has(id));
  const sum = (field: Field, of = records) =>
    of.reduce((all, record) => add(all, record[field]), 0);
  return {
    calls: calls.length,
    toolCalls: entries.length - calls.length,
    paidCalls: own.length,
    promptTokens: sum("promptTokens"),
    completionTokens: sum("completionTokens"),
    costUsd: sum("costUsd"),
    paidUsd: sum("costUsd", own),
    durationMs: sum("durationMs"),
    models: [...new Set(records.map(({ model }) => model))],
    answers: calls.flatMap((entry) => {
      const text = entry.value?.completion?.choices?.[0]?.message?.content;
      const isText = typeof text === "string" && text !== "";
      return isText ? [{ call: names.get(entry) ?? "", text }] : [];
    }),
  };
}

/** Rounds off the errors of binary fractions: in sums of dollars, and of milliseconds too. */
const add = usages.addUsd;

type Field = "promptTokens" | "completionTokens" | "costUsd" | "durationMs";

function sumOf(steps: Steps): StepTotals {
  const totals = { calls: 0, toolCalls: 0, paidCalls: 0, promptTokens: 0, completionTokens: 0 };
  const sums = { ...totals, costUsd: 0, paidUsd: 0, durationMs: 0 };
  for (const { figures } of steps.values()) {
    for (const field of Object.keys(sums) as (keyof StepTotals)[]) {
      sums[field] = add(sums[field], figures[field]);
    }
  }
  return sums;
}

function textsOf(figures: StepFigures | undefined): string | undefined {
  return figures && JSON.stringify(figures.answers.map(({ text }) => text));
}

/** The keys of both in one order: keys that only the second has follow their predecessors in it. */
function inOrder(first: readonly string[], second: readonly string[]): readonly string[] {
  const all = [...first];
  for (const [index, key] of second.entries()) {
    if (all.includes(key)) continue;
    const before = second[index - 1];
    all.splice(before === undefined ? 0 : all.indexOf(before) + 1, 0, key);
  }
  return all;
}
