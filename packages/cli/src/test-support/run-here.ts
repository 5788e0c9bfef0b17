import { run } from "../run.ts";

export interface RunHereOptions {
  readonly folder: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  /** Width of the terminal. @defaultValue none: the output is piped */
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** Gets what is written to standard error, as it is written. */
  readonly onStderr?: (text: string) => void;
}

/** The command in this process: what it writes, and how it ends. */
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
