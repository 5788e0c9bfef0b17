import { parseArgs } from "node:util";
import type { LimitOptions } from "../account/limits.ts";
import type { ScriptedFault } from "../faults/fault.ts";
import { parseFaultName } from "../faults/fault-models.ts";
import type { SandboxOptions } from "../options.ts";

/** An invalid command line; the message is for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The parsed command line. */
export type Command =
  | { readonly name: "help" | "faults" | "dialects" | "embeddings" }
  | { readonly name: "start"; readonly options: SandboxOptions; readonly fixturesPath?: string };

const HELP = "try --help";
const LISTS = ["faults", "dialects", "embeddings"] as const;

/** Reads the command line. @throws {@link UsageError} if it is invalid. */
export function parseArguments(args: readonly string[]): Command {
  const values = parse(args);
  if (values.help === true) return { name: "help" };
  const [list, other] = LISTS.filter((name) => values[name] === true);
  if (other !== undefined) {
    throw new UsageError(
      `--${list} and --${other} cannot be combined: each prints one list; ${HELP}`,
    );
  }
  if (list !== undefined) return { name: list };
  const port = wholeNumber("port", values.port, 65_535) ?? 4_010;
  const seed = wholeNumber("seed", values.seed, 2 ** 32 - 1);
  const firstTokenMs = wholeNumber("latency", values.latency);
  return {
    name: "start",
    options: {
      port,
      limits: limitsOf(values),
      faults: (values.fault ?? []).map(parseFault),
      ...(seed !== undefined && { seed }),
      ...(firstTokenMs !== undefined && {
        latency: { firstTokenMs, betweenTokensMs: Math.round(firstTokenMs / 20) },
      }),
    },
    ...(values.fixtures !== undefined && { fixturesPath: values.fixtures }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        seed: { type: "string" },
        tier: { type: "string" },
        algorithm: { type: "string" },
        rpm: { type: "string" },
        rpd: { type: "string" },
        fault: { type: "string", multiple: true },
        latency: { type: "string" },
        fixtures: { type: "string" },
        faults: { type: "boolean" },
        dialects: { type: "boolean" },
        embeddings: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}; ${HELP}`);
  }
}

function limitsOf(values: ReturnType<typeof parse>): LimitOptions {
  const requestsPerMinute = wholeNumber("rpm", values.rpm);
  const requestsPerDay = wholeNumber("rpd", values.rpd);
  return {
    tier: oneOf("tier", values.tier ?? "none", ["none", "free", "pro"]),
    algorithm: oneOf("algorithm", values.algorithm ?? "fixed-window", [
      "fixed-window",
      "token-bucket",
    ]),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(requestsPerDay !== undefined && { requestsPerDay }),
  };
}

function wholeNumber(name: string, text: string | undefined, max = Infinity): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  const range = Number.isFinite(max) ? ` from 0 to ${max}` : "";
  throw new UsageError(`--${name} takes a whole number${range}, not "${text}"; ${HELP}`);
}

function oneOf<Choice extends string>(
  name: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((choice) => choice === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`--${name} takes ${choices.join(", ")}, not "${text}"; ${HELP}`);
}

/** `openai/gpt-4o=status-503`, or `hang` for every model. */
function parseFault(text: string): ScriptedFault {
  const equals = text.lastIndexOf("=");
  const fault = parseFaultName(text.slice(equals + 1));
  if (fault === undefined) {
    throw new UsageError(
      `--fault: "${text.slice(equals + 1)}" is not a fault; --faults lists them`,
    );
  }
  return equals === -1 ? fault : { ...fault, model: text.slice(0, equals) };
}
