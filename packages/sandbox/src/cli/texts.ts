import type { BookEntry } from "../books/entry.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import { FAULT_MODELS } from "../faults/fault-models.ts";
import { DOCUMENT_CATALOG } from "../similarity/document-models.ts";
import type { Sandbox } from "../sandbox.ts";

/** The output of `--help`. */
export const HELP_TEXT = `OpenRouter on loopback, without a key. No language model: answers are quotes.

Usage: orchestra-sandbox [options]

  --port <n>         port; 0 selects a free one (default 4010)
  --seed <n>         seed of ids and random faults; the same seed
                     repeats a run (default 1)
  --tier <tier>      limits of the account: none, free (20 requests a minute,
                     50 a day) or pro (60 and 1,000) (default none)
  --algorithm <a>    how a minute is counted: fixed-window or token-bucket
                     (default fixed-window)
  --rpm <n>          requests per minute, instead of the tier's
  --rpd <n>          requests per day, instead of the tier's
  --fault <m>=<f>    fault f for model m, or f alone for all models; may be
                     repeated
  --latency <ms>     time to the first token; a twentieth of it between tokens
                     (default 0)
  --fixtures <path>  a file or folder of aimock fixtures, answered first
  --faults           list the faults
  --dialects         list the dialects, in which other servers answer
  --embeddings       list the models of /embeddings and /rerank
  --help             this text

Example
  orchestra-sandbox --fault openai/gpt-4o=status-503
`;

/** The output of `--faults`. */
export const FAULTS_TEXT = `Faults, for --fault; each is also a model, sandbox/<fault>:

${linesOf(FAULT_MODELS.map(({ id, description }) => [id.slice("sandbox/".length), description]))}`;

/** The output of `--dialects`. */
export const DIALECTS_TEXT = `Dialects: how other servers write the same answer. Each is a model, sandbox/dialect-<name>:

${linesOf(DIALECTS.map(({ name, description }) => [name, description]))}`;

/** The output of `--embeddings`. */
export const EMBEDDINGS_TEXT = `Models of /embeddings and /rerank; the faults are models of both, too:

${linesOf(DOCUMENT_CATALOG.map(({ id, description }) => [id, description]))}`;

function linesOf(entries: readonly (readonly [name: string, description: string])[]): string {
  return entries.map(([name, description]) => `  ${name.padEnd(30)} ${description}\n`).join("");
}

/** The output when the sandbox listens. */
export function greeting({ url, gatewayUrl }: Sandbox): string {
  return `OpenRouter's sandbox listens on ${url}

  export OPENROUTER_BASE_URL=${url}
  export OPENROUTER_API_KEY=sk-or-v1-sandbox
  export PORTKEY_GATEWAY_URL=${gatewayUrl}

Its model is not a language model: it quotes sentences from the prompt.
Models such as sandbox/hang and sandbox/status-503 fail; --faults lists them.
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
    ...(entry.aborted ? ["client disconnected"] : []),
  ];
  return `${parts.join("  ")}\n`;
}
