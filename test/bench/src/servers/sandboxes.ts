/** Sandboxes with the limit of an account, in one separate process. */
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { optionsFromParent, serveParent } from "./child.ts";

export type Algorithm = "fixed-window" | "token-bucket";

export interface SandboxesOptions {
  readonly requestsPerWindow: number;
  readonly windowMs: number;
  readonly sandboxes: readonly {
    readonly algorithm: Algorithm;
    /** How far its clock, and so its windows, go ahead of the machine's. */
    readonly aheadMs: number;
  }[];
}

/** What a sandbox wrote down of all requests it got. */
export interface SandboxBooks {
  readonly requests: number;
  readonly succeeded: number;
  readonly status429: number;
}

const options = optionsFromParent() as SandboxesOptions;
const sandboxes = await Promise.all(
  options.sandboxes.map(({ algorithm, aheadMs }) =>
    startSandbox({
      limits: {
        algorithm,
        requestsPerMinute: options.requestsPerWindow,
        windowMs: options.windowMs,
      },
      now: () => Date.now() + aheadMs,
      keepBodies: false,
    }),
  ),
);

function booksOf(sandbox: Sandbox | undefined): SandboxBooks {
  const entries = sandbox?.books.entries ?? [];
  const count = (status: number) => entries.filter((entry) => entry.status === status).length;
  return { requests: entries.length, succeeded: count(200), status429: count(429) };
}

serveParent(
  sandboxes.map(({ url }) => url),
  (index) => booksOf(sandboxes[Number(index)]),
);
