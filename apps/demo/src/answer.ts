import { addAbortListener, once } from "node:events";
import {
  createLogger,
  createRedactor,
  Orchestra,
  resolveSettings,
  type OrchestraEvent,
} from "@orchestra/core";
import type { PipelineState } from "@orchestra/core/pipelines";
import { describeSkipped, openDocuments, withHybridSearch } from "@orchestra/tools/documents";
import { ask } from "./ask.ts";
import type { AskCommand } from "./arguments.ts";
import { openBackend } from "./backend.ts";
import { OpenWork } from "./open-work.ts";
import { OutFile } from "./out-file.ts";
import { outcomeOf, type Outcome } from "./outcome.ts";
import { questionNote, type Presenter } from "./presenter.ts";
import { quietLogger } from "./quiet-logger.ts";
import { markdown } from "./report/index.ts";

export interface AnswerOptions {
  readonly command: AskCommand;
  readonly environment: NodeJS.ProcessEnv;
  readonly presenter: Presenter;
  /** Whether logs were asked for. */
  readonly logs: boolean;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: OrchestraEvent) => void;
}

/** Time for agents and calls to end and to record their costs, after the user has stopped the demo. */
const maxEndMs = 1_000;
/** Time for the costs of requests to become known after that. Both together are shorter than the limit of the process. */
const maxCostsMs = 500;

/** Opens what the pipeline needs, runs it, shows its progress, and closes everything again. */
export async function answer(options: AnswerOptions): Promise<Outcome> {
  const { command, environment, presenter, logs, runId, signal, onEvent } = options;
  const { question, folder, model } = command;

  await using backend = await openBackend(environment);
  await using out = command.out === undefined ? undefined : await OutFile.prepare(command.out);
  const settings = model === undefined ? {} : { defaultModel: model, agentModels: {} };
  const resolved = resolveSettings(settings, backend.environment);
  const redact = createRedactor(resolved);
  presenter.begin(backend.notice, redact);

  using view = presenter.createView();
  view.note(questionNote(question));
  const opened = await openDocuments(folder, {
    signal,
    onProgress: (progress) => view.indexing(progress),
  });
  const skipped = describeSkipped(opened.skipped);
  if (skipped !== undefined) view.note(skipped);
  const work = new OpenWork();
  const orchestra = new Orchestra({
    settings,
    environment: backend.environment,
    logger: logs
      ? createLogger({ level: resolved.logLevel, redact })
      : quietLogger((text) => view.note(text)),
    onEvent: (event) => {
      work.on(event);
      view.on(event);
      onEvent(event);
    },
  });
  const documents = await withHybridSearch(opened, orchestra, { signal });
  const asked = ask({ orchestra, documents, question, runId, signal });
  let state: PipelineState;
  try {
    state = await work.waitForEnd(asked, maxEndMs);
  } finally {
    // Costs that become known late are in the table too.
    await withinStop(orchestra.flushCosts(), signal);
  }
  const outcome = outcomeOf(state, { runId, question });
  if (outcome.status === "succeeded") await out?.write(redact(markdown(outcome)));
  return outcome;
}

/** Waits for work; after a stop, not longer than {@link maxCostsMs}. */
async function withinStop(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  using _ = addAbortListener(signal, () => setTimeout(() => done.abort(), maxCostsMs).unref());
  await Promise.race([work, once(done.signal, "abort")]);
}
