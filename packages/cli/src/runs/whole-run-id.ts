import { quoted } from "@orchestra/core/extend";
import { RunNotFoundError, type Run, type Runtime } from "@orchestra/runtime";
import { UsageError } from "../errors/usage-error.ts";

const minLength = 6;
const maxListed = 10;

/**
 * Finds the id of the run whose id the user has typed, wholly or in part.
 *
 * @param typed - The id, or at least its first 6 characters.
 * @returns the id; `typed` itself if no id begins with it
 * @throws {UsageError} if fewer than 6 characters are typed, or the ids of several runs begin with them
 */
export async function wholeRunId(runtime: Runtime, typed: string): Promise<string> {
  const whole = await find(runtime, typed);
  if (whole) return whole.id;
  const { runs, next } = await runtime.list({ idPrefix: typed, limit: maxListed });
  const [run, ...others] = runs;
  if (!run) return typed;
  if (typed.length < minLength) {
    throw new UsageError(
      `There is no run ${quoted(typed)}: expected an id, or at least ${minLength} characters of its beginning. orchestra runs list shows the ids.`,
    );
  }
  if (others.length === 0) return run.id;
  throw new UsageError(
    [
      `The ids of several runs begin with ${quoted(typed)}: type more of the one that you mean.`,
      ...runs.map(describe),
      ...(next === undefined ? [] : ["  … and more"]),
    ].join("\n"),
  );
}

async function find(runtime: Runtime, id: string): Promise<Run | undefined> {
  return runtime.get(id).catch((error: unknown) => {
    if (RunNotFoundError.isInstance(error)) return undefined;
    throw error;
  });
}

function describe({ id, status, pipeline, createdAt }: Run): string {
  return `  ${id}  ${status}  ${createdAt.slice(0, 16).replace("T", " ")}  ${pipeline}`;
}
