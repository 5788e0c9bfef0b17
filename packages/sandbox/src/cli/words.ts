import type { BookEntry } from "../books/entry.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import { FAULT_MODELS } from "../faults/fault-models.ts";
import type { Sandbox } from "../sandbox.ts";

/** What `--help` prints. */
export const HELP_TEXT = `OpenRouter on loopback, without a key. No language model: answers are quotes.

Usage: orchestra-sandbox [options]

  --port <n>         port; 0 takes a free one (default 4010)
  --seed <n>         decides ids and chance; the same seed repeats a run (default 1)
  --tier <tier>      limits of the account: none, free (20/min, 50/day), pro (60/min, 1000/day) (default none)
  --algorithm <a>    how a minute is counted: fixed-window, token-bucket (default fixed-window)
  --rpm <n>          requests per minute, instead of the tier's
  --rpd <n>          requests per day, instead of the tier's
  --fault <m>=<f>    fault f for model m, or f alone for all models; may be repeated
  --latency <ms>     time to the first token; a twentieth of it between tokens (default 0)
  --fixtures <path>  a file or folder of aimock fixtures, answered before anything else
  --help             this text

Faults, each also a model sandbox/<fault>:
${FAULT_MODELS.map(({ id, description }) => `  ${id.slice("sandbox/".length).padEnd(30)} ${description}`).join("\n")}

Dialects, how other servers write the same answer, each a model sandbox/dialect-<name>:
${DIALECTS.map(({ name, description }) => `  ${name.padEnd(30)} ${description}`).join("\n")}
`;

/** What is printed once the sandbox listens. */
export function greeting({ url, gatewayUrl }: Sandbox): string {
  return `OpenRouter's sandbox listens on ${url}

  export OPENROUTER_BASE_URL=${url}
  export OPENROUTER_API_KEY=sk-or-v1-sandbox
  export PORTKEY_GATEWAY_URL=${gatewayUrl}

Model sandbox/extractive quotes; sandbox/hang, sandbox/status-503, sandbox/cut … fail (--help lists them).
Ctrl-C closes it.
`;
}

/** One line for one request. */
export function requestLine(entry: BookEntry): string {
  const elapsedMs = (entry.endedAt ?? entry.startedAt) - entry.startedAt;
  const parts = [
    new Date(entry.startedAt).toISOString().slice(11, 23),
    entry.status === 0 ? "---" : String(entry.status),
    entry.modelServed || entry.modelAsked || "(no model)",
    entry.stream ? "stream" : "plain",
    `${entry.promptTokens}+${entry.completionTokens} tokens`,
    `$${entry.costUsd.toFixed(6)}`,
    `${elapsedMs} ms`,
    ...(entry.fault === undefined ? [] : [`fault ${entry.fault}`]),
    ...(entry.aborted ? ["client hung up"] : []),
  ];
  return `${parts.join("  ")}\n`;
}
