import { fork } from "node:child_process";
import { once } from "node:events";
import { Orchestra, type OrchestraOptions } from "@orchestra/core";

/** Makes orchestras on the soak's server. */
export interface Stage {
  /** @param behaviour - How the server answers: `answer`, `mute`, `cut`, `long` or `fed`. */
  readonly orchestra: (behaviour: string, options?: OrchestraOptions) => Orchestra;
  /** Lets the server send so many more chunks of a `fed` stream. */
  readonly feed: (chunks: number) => void;
  readonly close: () => void;
}

const silent = { error() {}, warn() {}, info() {}, debug() {} };

export async function openStage(): Promise<Stage> {
  const server = fork(new URL("./server.ts", import.meta.url));
  const [url] = (await once(server, "message")) as [string];
  return {
    orchestra: (behaviour, options = {}) =>
      new Orchestra({
        logger: silent,
        ...options,
        environment: {
          OPENROUTER_API_KEY: "sk-or-v1-soak-0123456789",
          OPENROUTER_BASE_URL: `${url}/${behaviour}`,
          OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
          LLM_REQUESTS_PER_MINUTE: "none",
          LLM_REQUESTS_PER_DAY: "none",
          LLM_MAX_RETRIES: "0",
          ...options.environment,
        },
      }),
    feed: (chunks) => void server.send(chunks),
    close: () => server.disconnect(),
  };
}
