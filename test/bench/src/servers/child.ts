import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A server in a separate process, so that it takes no time from the measured client. */
export interface ChildServer<Address> extends AsyncDisposable {
  readonly address: Address;
  /** Asks the server; one question at a time. */
  ask<Answer>(question: unknown): Promise<Answer>;
}

/** @param file - Beside this one. */
export async function startChild<Address>(
  file: string,
  options: unknown = {},
): Promise<ChildServer<Address>> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, [JSON.stringify(options)], {
    // Options for a profile of the client are not passed to its servers.
    execArgv: process.execArgv.filter((argument) => argument.startsWith("--conditions")),
  });
  try {
    const address = (await nextMessage(child)) as Address;
    return {
      address,
      async ask<Answer>(question: unknown) {
        const answer = nextMessage(child);
        child.send({ question });
        return (await answer) as Answer;
      },
      [Symbol.asyncDispose]: () => stop(child),
    };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

/**
 * The child's side: sends its address, answers questions, and ends with its parent, so that no
 * server outlives a bench that was killed.
 */
export function serveParent(address: unknown, answer: (question: unknown) => unknown): void {
  process.on("disconnect", () => process.exit());
  process.on("message", (message: { readonly question: unknown }) => {
    void Promise.resolve(answer(message.question)).then((result) =>
      process.send?.({ answer: result }),
    );
  });
  process.send?.({ answer: address });
}

/** The orders of the parent process. */
export function optionsFromParent(): unknown {
  return JSON.parse(process.argv[2] ?? "{}");
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const done = new AbortController();
  const { signal } = done;
  const exit = once(child, "exit", { signal }).then(([code]) => {
    throw new Error(`A server of the bench ended with code ${code}`);
  });
  exit.catch(() => undefined);
  try {
    const [message] = (await Promise.race([once(child, "message", { signal }), exit])) as [
      { answer: unknown },
    ];
    return message.answer;
  } finally {
    done.abort();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.disconnect();
  await exit;
}
