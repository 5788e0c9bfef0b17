import type { Outcome } from "./outcome.ts";
import { plainLine, plainText } from "./plain-text.ts";
import { answerText, factsText, jsonResult } from "./report/index.ts";
import { styleFor, type Output } from "./style.ts";
import { LiveView, noView, PlainView, type View } from "./view/index.ts";
import { wrapFor } from "./wrap.ts";

export interface PresenterOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly json: boolean;
  /** Whether logs go to standard error too. They would break a live view. */
  readonly logs: boolean;
  /** Whether the terminal cannot move its cursor (`TERM=dumb`). */
  readonly isDumb: boolean;
}

/** The question, which may not be on the command line. */
export function questionNote(question: string): string {
  return `Question: ${question}`;
}

/** Prints the answer on standard output, and everything else on standard error. */
export class Presenter {
  readonly #options: PresenterOptions;
  /** Removes secrets from texts of servers. Before the settings are known, there are no such texts. */
  #redact: (text: string) => string = (text) => text;

  constructor(options: PresenterOptions) {
    this.#options = options;
  }

  /** Prints the first line, which names the backend. All later output is redacted. */
  begin(notice: string, redact: (text: string) => string): void {
    this.#redact = redact;
    this.say(notice);
  }

  /** A notice before the first progress. */
  say(text: string): void {
    const { stderr } = this.#options;
    stderr.write(`${wrapFor(stderr, this.#redact(text))}\n`);
  }

  /** A live view on a terminal, plain lines elsewhere; with `--json`, only on a terminal. */
  createView(): View {
    const { json, logs, isDumb, stderr } = this.#options;
    if (json && !stderr.isTTY) return noView;
    // A terminal with 0 columns has an unknown width, so lines cannot be redrawn on it.
    return stderr.isTTY && stderr.columns !== 0 && !logs && !isDumb
      ? new LiveView(stderr, this.#redact)
      : new PlainView(stderr, this.#redact);
  }

  /** Prints the answer or, with `--json`, the result on standard output, and the rest on standard error. */
  finish(outcome: Outcome, out?: string): void {
    const { json, stdout, stderr } = this.#options;
    const redact = this.#redact;
    if (json) {
      stdout.write(`${jsonResult(outcome, redact)}\n`);
    } else {
      const look = (stream: Output) => ({
        style: styleFor(stream),
        columns: stream.isTTY ? stream.columns || undefined : undefined,
        redact,
      });
      const answer = answerText(outcome, look(stdout));
      // The blank line separates the answer from the steps, so it goes to standard error.
      if (answer !== "") stderr.write("\n");
      stdout.write(answer);
      stderr.write(factsText(outcome, look(stderr)));
    }
    if (outcome.error) {
      stderr.write(`${styleFor(stderr)("red", redact(plainText(outcome.error.message)))}\n`);
    } else if (out !== undefined) {
      const path = plainLine(out);
      const words = outcome.status === "succeeded" ? `Written to ${path}` : `Not written: ${path}`;
      stderr.write(`\n${words}\n`);
    }
  }
}
