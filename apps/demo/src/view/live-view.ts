import { createLogUpdate } from "log-update";
import type { OrchestraEvent } from "@orchestra/core";
import type { DocumentsProgress } from "@orchestra/tools/documents";
import { plainLine } from "../plain-text.ts";
import { styleFor, type Output } from "../style.ts";
import { wrapFor } from "../wrap.ts";
import { follow } from "./follow.ts";
import { endKilled, type Step } from "./step.ts";
import { stepLines } from "./step-lines.ts";
import type { View } from "./view.ts";

const frameMs = 80;

/** Shows the steps on a terminal, and redraws them at each event. */
export class LiveView implements View {
  readonly #stream: Output;
  readonly #redact: (text: string) => string;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;
  #steps: readonly Step[] = [];
  #reading = "";
  #isClosed = false;

  constructor(stream: Output, redact: (text: string) => string) {
    this.#stream = stream;
    this.#redact = redact;
    this.#draw = createLogUpdate(stream);
    this.#timer = setInterval(() => this.#redraw(), frameMs).unref();
  }

  indexing({ filesRead, filesFound }: DocumentsProgress): void {
    this.#reading =
      filesRead < filesFound ? `Reading documents: ${filesRead} of ${filesFound}` : "";
  }

  note(text: string): void {
    if (this.#isClosed) return;
    this.#draw.clear();
    this.#stream.write(`${wrapFor(this.#stream, plainLine(this.#redact(text)), "  ")}\n`);
    this.#redraw();
  }

  on(event: OrchestraEvent): void {
    this.#steps = follow(this.#steps, event, performance.now());
    if (!event.type.endsWith("-delta")) this.#redraw();
  }

  killed(): void {
    this.#steps = this.#steps.map((step) => endKilled(step, performance.now()));
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    // While the steps change, they are cut to the height of the terminal. At the end, all of them are printed.
    this.#draw.clear();
    this.#draw.done();
    const frame = this.#frame();
    if (frame !== "") this.#stream.write(`${frame}\n`);
  }

  #redraw(): void {
    if (this.#isClosed) return;
    this.#draw(this.#frame());
  }

  #frame(): string {
    const columns = this.#stream.columns ?? 80;
    const look = { style: styleFor(this.#stream), columns, now: performance.now() };
    const lines = this.#steps.flatMap((step) => stepLines(step, look));
    return this.#redact([...(this.#reading === "" ? [] : [this.#reading]), ...lines].join("\n"));
  }
}
