import type { RequestOutline } from "@orchestra/core";
import { nodeOf } from "@orchestra/core/extend";
import type { Database } from "../database/index.ts";
import { nameCalls, readEntries, type PathEntry } from "../journal/index.ts";
import type { Run } from "../runs/index.ts";

/** An exported result of a run. */
export interface ExportedEntry {
  readonly kind: "call" | "tool";
  /** Only for model calls: the name for `fork()`, such as `research:2`. */
  readonly call?: string;
  /** The node of the graph; empty outside of a graph. */
  readonly step: string;
  /** The role, or the tool. */
  readonly name: string;
  /** Hash of the request. */
  readonly request: string;
  /** The outline of the request: each field, message and argument, longer ones as a hash. */
  readonly outline?: RequestOutline;
  /** The answer of the model or the tool, as in the journal. */
  readonly value: unknown;
}

/** A run's journal, for a replay in a test. */
export interface RunExport {
  /** Version of this format. */
  readonly format: 1;
  readonly run: Pick<
    Run,
    "id" | "pipeline" | "version" | "status" | "input" | "output" | "models" | "forkedFrom"
  >;
  /** In the order in which the results were stored. */
  readonly journal: readonly ExportedEntry[];
}

interface FullEntry extends PathEntry {
  readonly value: unknown;
  readonly outline: RequestOutline | null;
}

/** @param redact - Removes secrets from a text. */
export async function exportRun(
  database: Database,
  run: Run,
  redact: (text: string) => string,
): Promise<RunExport> {
  const entries = await readEntries<FullEntry>(database, run.id, { columns: ["value", "outline"] });
  const calls = new Map(nameCalls(entries).map(({ entry, name }) => [entry, name]));
  const { id, pipeline, version, status, input, output, models, forkedFrom } = run;
  const exported = {
    format: 1,
    run: { id, pipeline, version, status, input, output, models, forkedFrom },
    journal: entries.map((entry) => ({
      kind: entry.kind,
      call: calls.get(entry),
      step: nodeOf(entry.step),
      name: entry.name,
      request: entry.request,
      outline: entry.outline ?? undefined,
      value: entry.value,
    })),
  };
  return JSON.parse(redact(JSON.stringify(exported))) as RunExport;
}
