import type { Outcome } from "./outcome.ts";
import { plainLine, plainText } from "./plain-text.ts";
import { jsonResult, report, wrap } from "./report/index.ts";
import { styleFor, type Output } from "./style.ts";
import { LiveView, noView, PlainView, type View } from "./view/index.ts";

export interface PresenterOptions {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly json: boolean;
  /** Whether logs go to standard error too. They would break a live view. */
  readonly logs: boolean;
}

/** Prints the result on standard output, and everything else on standard error. */
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
    stderr.write(`${wrap(this.#redact(text), widthOf(stderr) ?? Infinity).join("\n")}\n`);
  }

  /** A live view on a terminal, plain lines elsewhere; with `--json`, only on a terminal. */
  createView(): View {
    const { json, logs, stderr } = this.#options;
    if (json && !stderr.isTTY) return noView;
    return stderr.isTTY && !logs
      ? new LiveView(stderr, this.#redact)
      : new PlainView(stderr, this.#redact);
  }

  /** Prints the result on standard output, and an error on standard error. */
  finish(outcome: Outcome, out?: string): void {
    const { json, stdout, stderr } = this.#options;
    const redact = this.#redact;
    if (json) {
      stdout.write(`${jsonResult(outcome, redact)}\n`);
    } else {
      stdout.write(report(outcome, { style: styleFor(stdout), columns: widthOf(stdout), redact }));
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

function widthOf({ isTTY, columns }: Output): number | undefined {
  return isTTY ? columns : undefined;
}
