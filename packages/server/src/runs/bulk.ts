import type { Run, RunFilter, Runtime } from "@orchestra/runtime";
import { invalidRequest } from "../errors/api-error.ts";
import type { ServerContext } from "../server-context.ts";
import { requireRuntime } from "./require-runtime.ts";

/** The filter of the runs; the fields of a list. */
export type BulkFilter = Pick<RunFilter, "status" | "pipeline" | "deadLetters">;

export interface BulkRequest {
  readonly filter: BulkFilter;
  /** The number of runs that the caller expects to change. Without it, nothing is changed. */
  readonly confirm: number | undefined;
}

export interface BulkResult {
  readonly matched: number;
  readonly changed: number;
  readonly failed: readonly { readonly id: string; readonly message: string }[];
}

const maxRuns = 10_000;
const atOnce = 8;

/**
 * Changes all runs of a filter, if the caller has confirmed their number.
 *
 * @throws {ApiError} if the number differs from the confirmed one, or is too large
 */
export async function changeAll(
  context: ServerContext,
  { filter, confirm }: BulkRequest,
  change: (runtime: Runtime, id: string) => Promise<Run>,
): Promise<BulkResult> {
  const runtime = requireRuntime(context);
  const ids = await runtime.listIds({ ...filter, limit: maxRuns + 1 });
  if (ids.length > maxRuns) {
    throw invalidRequest(
      `The filter matches more than ${maxRuns} runs, the maximum for one request. Narrow the filter.`,
      { code: "too_many_runs", param: "filter" },
    );
  }
  const matched = ids.length;
  if (confirm === undefined) return { matched, changed: 0, failed: [] };
  if (confirm !== matched) {
    throw invalidRequest(
      `confirm is ${confirm}, but the number of runs that the filter matches is now ${matched}. Send confirm: ${matched} to change them.`,
      { status: 409, code: "count_changed", param: "confirm", metadata: { matched } },
    );
  }
  const failed: { id: string; message: string }[] = [];
  const left = ids.values();
  const work = async (): Promise<void> => {
    for (const id of left) {
      // It may have changed since it was found.
      await change(runtime, id).catch((error: unknown) => {
        failed.push({ id, message: context.answerError(error).message });
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { matched, changed: matched - failed.length, failed };
}
