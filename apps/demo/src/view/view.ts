import type { OrchestraEvent } from "@orchestra/core";
import type { DocumentsProgress } from "@orchestra/tools/documents";

/** Shows the progress of a run. */
export interface View extends Disposable {
  indexing(progress: DocumentsProgress): void;
  /** Something worth knowing that belongs to no step. */
  note(text: string): void;
  on(event: OrchestraEvent): void;
  /** The process of the agents at work was killed. */
  killed(): void;
  /** Leaves what was shown standing, and the stream to others. */
  [Symbol.dispose](): void;
}

/** Shows nothing. */
export const noView: View = {
  indexing() {},
  note() {},
  on() {},
  killed() {},
  [Symbol.dispose]() {},
};
