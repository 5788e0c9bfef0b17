import { escapeControls } from "@orchestra/core/gateway";
import type { ForkOrigin, Run, RunArtifact, RunEvent } from "@orchestra/runtime";
import { formatCount, formatDuration } from "../terminal/amounts.ts";
import { wrap } from "../terminal/wrap.ts";
import { describeDecision } from "./describe-decision.ts";

const labelWidth = 10;
const maxTaskLength = 300;
const maxArtifacts = 20;

export interface RunDetails {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  /** The artifacts of the run that are on this machine. */
  readonly artifacts: readonly RunArtifact[];
}

/** Describes a run without its output and its state, in lines that begin with a label. */
export function describeDetails({ run, events, artifacts }: RunDetails, width: number): string {
  const details = {
    pipeline: `${run.pipeline}, version ${run.version}`,
    task: describeTask(run.input),
    "fork of": run.forkedFrom ? describeOrigin(run.forkedFrom) : "",
    started: describeTimes(run),
    decision: describeDecisions(events),
    models: describeModels(events),
    artifacts: describeArtifacts(artifacts),
    worker: describeWorker(run),
    reason: run.waiting?.for === "quota" ? describeQuota(events) : "",
  };
  return Object.entries(details)
    .filter(([, value]) => value !== "")
    .map(([label, value]) => {
      const text = wrap(escapeControls(value), width, " ".repeat(labelWidth));
      return label.padEnd(labelWidth) + text;
    })
    .join("\n");
}

/** The task of the input, or the whole input if it has none; on one line, shortened to 300 characters. */
function describeTask(input: unknown): string {
  const { task } = (input ?? {}) as { readonly task?: unknown };
  const given = task ?? input;
  const text = typeof given === "string" ? given : (JSON.stringify(given) ?? "");
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > maxTaskLength ? `${line.slice(0, maxTaskLength)}…` : line;
}

/** The id of the run that was forked, and the step from which the fork continues. */
export function describeOrigin({ run, from }: ForkOrigin): string {
  return from === undefined ? `${run}, from its beginning` : `${run}, from ${from}`;
}

function describeTimes({ startedAt, endedAt, createdAt }: Run): string {
  if (startedAt === undefined) return `not yet; created ${formatInstant(createdAt)}`;
  if (endedAt === undefined) return formatInstant(startedAt);
  const took = formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
  return `${formatInstant(startedAt)}, ended after ${took}`;
}

function formatInstant(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")} UTC`;
}

/** For each role, the models that answered, or that were requested and gave no answer. */
function describeModels(events: readonly RunEvent[]): string {
  const calls = new Map<string, { readonly role: string; readonly model: string }>();
  for (const event of events) {
    if (event.type === "attempt-start") calls.set(event.callId, event);
    if (event.type !== "call-end" && event.type !== "call-replay") continue;
    const { role, servedModel, model } = event.record;
    calls.set(event.callId, { role, model: servedModel ?? model });
  }
  const roles = Map.groupBy(calls.values(), ({ role }) => role);
  return Array.from(roles, ([role, made]) => {
    const models = new Set(made.map(({ model }) => model));
    return `${role}: ${[...models].join(", ")}`;
  }).join("; ");
}

function describeDecisions(events: readonly RunEvent[]): string {
  return events
    .flatMap((event) => (event.type === "run-decision" ? [describeDecision(event.value)] : []))
    .join("; ");
}

function describeArtifacts(artifacts: readonly RunArtifact[]): string {
  const shown = artifacts
    .slice(0, maxArtifacts)
    .map(({ name, bytes }) => `${name} (${formatCount(bytes, "byte")})`);
  const left = artifacts.length - shown.length;
  return [...shown, ...(left > 0 ? [`and ${left} more`] : [])].join(", ");
}

function describeWorker({ worker, executions }: Run): string {
  return worker === undefined ? "" : `${worker}, ${formatCount(executions, "execution")}`;
}

/** The limit that the run waits for: the message of the last quota error. */
function describeQuota(events: readonly RunEvent[]): string {
  const errors = events.flatMap((event) =>
    event.type === "call-end" && event.record.error ? [event.record.error] : [],
  );
  return errors.findLast(({ kind }) => kind === "quota_error")?.message ?? "";
}
