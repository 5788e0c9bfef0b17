import { Writable } from "node:stream";
import { WriteStream } from "node:tty";
import { run } from "../run.ts";
import type { Output } from "../style.ts";
import type { Ran } from "./run-demo.ts";

/** A stream that keeps what is written to it, and may pass for a terminal. */
export class Screen extends Writable implements Output {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows = 50;

  constructor({ isTTY = false, columns = 80 } = {}) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.isTTY = isTTY;
  }

  /** As on a terminal: the colors that the environment allows. */
  getColorDepth(): number {
    return WriteStream.prototype.getColorDepth.call(this);
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}

export interface RunHereOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly stdout?: Screen;
  readonly stderr?: Screen;
  readonly signal?: AbortSignal;
}

/** The demo inside the test's own process: all of it but `main.ts`, at a tenth of the time. */
export async function runHere(args: readonly string[], options: RunHereOptions = {}): Promise<Ran> {
  const { environment = {}, stdout = new Screen(), stderr = new Screen() } = options;
  const { signal = new AbortController().signal } = options;
  const code = await run(args, { environment, stdout, stderr, signal });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
