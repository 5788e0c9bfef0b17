import type { RequestOutline } from "@orchestra/core";
import { nodeOf } from "@orchestra/core/extend";
import type { Database } from "../database/index.ts";
import { nameCalls, readEntries, type PathEntry } from "../journal/index.ts";
import type { Run } from "../runs/index.ts";

/** A result of a run that is exported. */
export interface ExportedEntry {
  readonly kind: "call" | "tool";
  /** Only of model calls: the name by which `fork()` takes it, such as `research:2`. */
  readonly call?: string;
  /** The node of the graph; empty outside of one. */
  readonly step: string;
  /** The role, or the tool. */
  readonly name: string;
  /** Hash of the request. */
  readonly request: string;
  /** The request in short: each field, message and argument, longer ones as a hash. */
  readonly outline?: RequestOutline;
  /** What the model or the tool answered, as the journal has it. */
  readonly value: unknown;
}

/** A run's journal, to be replayed in a test. */
export interface RunExport {
  /** Version of this format. */
  readonly format: 1;
  readonly run: Pick<
    Run,
    "id" | "pipeline" | "version" | "status" | "input" | "output" | "models" | "forkedFrom"
  >;
  /** In the order in which the results were there. */
  readonly journal: readonly ExportedEntry[];
}

interface FullEntry extends PathEntry {
  readonly value: unknown;
  readonly outline: RequestOutline | null;
}

/** @param redact - Takes secrets out of a text. */
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
