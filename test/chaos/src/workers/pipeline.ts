import { join } from "node:path";
import { tool } from "@langchain/core/tools";
import type { RunnableConfig } from "@langchain/core/runnables";
import { idempotencyKeyOf } from "@orchestra/core";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { writeArtifact } from "@orchestra/tools/artifacts";
import { definePipeline, type Pipeline } from "@orchestra/runtime";
import { z } from "zod";
import { factOf, type Fact } from "../facts.ts";

/** Number of model calls of a run without a kill: search, findings, review, file and deliverable. */
export const callsPerRun = 5;

export interface PipelineOptions {
  readonly seed: number;
  /** Number of facts in the archive: one for each run. */
  readonly runs: number;
  /** Folder with a folder for each run, named by its id. */
  readonly artifacts: string;
  /** URL at which artifacts are announced. */
  readonly worldUrl: string;
}

/** What a run announces to the external system, once. */
export interface Announcement {
  readonly run: string;
  readonly path: string;
  readonly sha256: string;
}

/** Research in an archive of all facts, validation, and an executor that writes a file and announces it. */
export function lighthousePipeline(options: PipelineOptions): Pipeline {
  const facts = Array.from({ length: options.runs }, (_, index) => factOf(index, options.seed));
  const sources = {
    locate: ({ path, line, quote }: { path: string; line: number; quote: string }) => {
      const isThere = facts.some((fact) => fact.path === path && fact.passage.includes(quote));
      return isThere ? { path, line } : undefined;
    },
  };
  return definePipeline({
    name: "lighthouse",
    input: z.object({ task: z.string().min(1) }),
    create: ({ orchestra, checkpointer }) =>
      researchValidateExecute({
        researcher: orchestra.researcher({ tools: [searchIn(facts)] }),
        validator: orchestra.validator({ sources }),
        executor: orchestra.executor({ tools: [publishTo(options)] }),
        checkpointer,
      }),
  });
}

function searchIn(facts: readonly Fact[]) {
  return tool(({ query }) => JSON.stringify({ passages: passagesFor(query, facts) }), {
    name: "search",
    description: "Searches the archive",
    schema: z.object({ query: z.string() }),
  });
}

function passagesFor(query: string, facts: readonly Fact[]) {
  const words = new Set(query.toLowerCase().split(/\W+/));
  return facts
    .filter(({ name }) => words.has(name.toLowerCase()))
    .map(({ path, line, passage }) => ({ path, line, text: passage }));
}

/** A tool with two effects. A crash can happen before, between and after them. */
function publishTo({ artifacts, worldUrl }: PipelineOptions) {
  return tool(
    async ({ path, content }, config: RunnableConfig) => {
      const { signal, configurable } = config;
      const run = String(configurable?.["run_id"]);
      const artifact = await writeArtifact(join(artifacts, run), path, content, { signal });
      const announcement: Announcement = { run, path, sha256: artifact.sha256 };
      await announce(worldUrl, announcement, idempotencyKeyOf(config) ?? "none", signal);
      return JSON.stringify(artifact);
    },
    {
      name: "write_artifact",
      description: "Writes a text file that is part of what you deliver, and announces it.",
      schema: z.object({ path: z.string(), content: z.string() }),
    },
  );
}

async function announce(
  url: string,
  announcement: Announcement,
  key: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(announcement),
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw new Error(`The world answers ${response.status}`);
  await response.text();
}
