import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { tool } from "@langchain/core/tools";
import { defineRole, Orchestra, OrchestraError, type OrchestraEvent } from "@orchestra/core";
import { z } from "zod";
import { TurnMeter, type LongestTurn } from "./turn-meter.ts";

/**
 * The client of the hostile servers, in a separate process with a small heap. It makes the calls that it reads from
 * standard input, and writes a line of JSON for each.
 */
export interface Cell {
  readonly id: number;
  readonly behaviour: string;
  readonly kind: "chat" | "stream" | "agent";
}

export interface CellResult extends Cell, LongestTurn {
  /** `answered`, or the code of the error. */
  readonly outcome: string;
  readonly durationMs: number;
  /** What is wrong; absent for a cell that is as it has to be. */
  readonly problem?: string;
}

const keys = ["sk-or-v1-hostile-0123456789abcdef", "fallback-key-0123456789abcdef"] as const;
/** What takes longer hangs: a busy machine needs ten times as long as a quiet one. */
const maxCallMs = 120_000;
const meter = new TurnMeter();

const role = defineRole({
  name: "seeker",
  system: "You search.",
  input: z.object({ question: z.string() }),
  output: z.object({ answer: z.string() }),
  tools: [
    tool(() => "nothing", {
      name: "search",
      description: "Searches",
      schema: z.object({ query: z.string() }),
    }),
  ],
});

function startOrchestra(
  port: number,
  { id, behaviour }: Cell,
  events: OrchestraEvent[],
): Orchestra {
  const root = `http://127.0.0.1:${port}`;
  return new Orchestra({
    logger: { error() {}, warn() {}, info() {}, debug() {} },
    onEvent: (event) => events.push(event),
    environment: {
      OPENROUTER_API_KEY: keys[0],
      OPENROUTER_BASE_URL: `${root}/${encodeURIComponent(behaviour)}/${id}`,
      PORTKEY_GATEWAY_URL: `${root}/good`,
      PORTKEY_FALLBACKS: JSON.stringify([
        { provider: "openai", model: "gpt-4o", api_key: keys[1] },
      ]),
      LLM_MAX_RETRIES: "0",
      LLM_REQUEST_TIMEOUT: "8",
      LLM_FIRST_TOKEN_TIMEOUT: "4",
      LLM_STALL_TIMEOUT: "1",
    },
  });
}

async function makeCall(orchestra: Orchestra, kind: Cell["kind"]): Promise<void> {
  if (kind === "chat") await orchestra.chat("Hello");
  else if (kind === "agent") await orchestra.agent(role).invoke({ question: "Where?" });
  else for await (const _ of await orchestra.model.stream("Hello"));
}

async function runCell(port: number, cell: Cell): Promise<CellResult> {
  const events: OrchestraEvent[] = [];
  const orchestra = startOrchestra(port, cell, events);
  const startedAt = performance.now();
  const stopMeter = meter.start();
  let outcome = "answered";
  let problem: string | undefined;
  try {
    const late = delay(maxCallMs, "late" as const, { ref: false });
    if ((await Promise.race([makeCall(orchestra, cell.kind), late])) === "late") {
      outcome = "late";
      problem = `took longer than ${maxCallMs} ms`;
    }
  } catch (error) {
    outcome = OrchestraError.isInstance(error) ? error.code : nameOf(error);
    problem = meter.exclude(() => problemOf(error));
  }
  const durationMs = Math.round(performance.now() - startedAt);
  const longest = await stopMeter();
  problem ??= meter.exclude(() => leakOf(events));
  try {
    await orchestra.chat("Hello again");
  } catch (error) {
    problem ??= `the next call failed: ${String(error).slice(0, 300)}`;
  }
  return {
    ...cell,
    outcome,
    durationMs,
    ...longest,
    ...(problem === undefined ? {} : { problem }),
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}

function problemOf(error: unknown): string | undefined {
  if (!OrchestraError.isInstance(error))
    return `not a typed error: ${inspect(error).slice(0, 500)}`;
  if (error.code === "unknown_error") return `unknown: ${error.message.slice(0, 500)}`;
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(error.message)) {
    return `control characters in ${JSON.stringify(error.message.slice(0, 300))}`;
  }
  return leakOf(error);
}

/** Where a key is in what the caller, its log and its listeners get. */
function leakOf(value: unknown): string | undefined {
  const text = inspect(value, { depth: 20, maxStringLength: 100_000, showHidden: true });
  for (const key of keys) {
    const forms = [key, encodeURIComponent(key), Buffer.from(key).toString("base64").slice(0, -4)];
    const form = forms.find((some) => text.includes(some));
    if (form !== undefined) {
      const at = text.indexOf(form);
      return `a key leaks: ${text.slice(Math.max(0, at - 200), at + 60)}`;
    }
  }
  return undefined;
}

/** The first calls load and compile the code: of answers, of failures and of fallbacks. */
async function warmUp(port: number): Promise<void> {
  let id = -1;
  for (const behaviour of ["good", "close at once", "status 999", "chunks without an end"]) {
    for (const kind of ["chat", "stream", "agent"] as const) {
      const cell = { id, behaviour, kind };
      await makeCall(startOrchestra(port, cell, []), kind).catch(() => undefined);
      id -= 1;
    }
  }
}

function report(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(): Promise<void> {
  const { port, cells, concurrency } = JSON.parse(process.argv[2] ?? "{}") as {
    readonly port: number;
    readonly cells: readonly Cell[];
    readonly concurrency: number;
  };
  process.on("unhandledRejection", (error) =>
    report({ fatal: `unhandled: ${inspect(error).slice(0, 1000)}` }),
  );
  await warmUp(port);
  const left = [...cells];
  const work = async (): Promise<void> => {
    for (let cell = left.shift(); cell; cell = left.shift()) {
      report({ started: cell.id });
      report(await runCell(port, cell));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  report({ peakMb: process.resourceUsage().maxRSS / 1024 });
}

await main();
process.exit();
