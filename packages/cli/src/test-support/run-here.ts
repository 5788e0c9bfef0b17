import { run } from "../run.ts";

export interface RunHereOptions {
  readonly folder: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  /** Width of the terminal. @defaultValue none: the output is piped */
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** Called with each text that is written to standard error. */
  readonly onStderr?: (text: string) => void;
}

/** Runs the command in this process. @returns its exit code and its output */
export async function runHere(args: readonly string[], options: RunHereOptions) {
  const { folder, environment = {}, stdin = "", columns } = options;
  const { signal = new AbortController().signal } = options;
  const texts = { stdout: "", stderr: "" };
  const code = await run(args, {
    environment,
    folder,
    stdin: (async function* () {
      yield stdin;
    })(),
    stdout: { write: (text) => (texts.stdout += text), columns },
    stderr: {
      write: (text) => {
        texts.stderr += text;
        options.onStderr?.(text);
      },
      columns,
    },
    signal,
    drainSignal: signal,
  });
  return { code, ...texts };
}
