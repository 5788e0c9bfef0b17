import { issues } from "@orchestra/core/extend";
import { UsageError } from "../errors/usage-error.ts";
import type { Check } from "./check.ts";

/**
 * Selects checks by their ids, `settings/values`, or by their groups, `settings`; all checks without `only`.
 *
 * @throws {UsageError} for an unknown id or group
 */
export function selectChecks(
  checks: readonly Check[],
  only: readonly string[] | undefined,
): readonly Check[] {
  if (only === undefined) return checks;
  const names = [...new Set(checks.flatMap(({ id }) => [id, groupOf(id)]))];
  const groups = [...new Set(checks.map(({ id }) => groupOf(id)))];
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const meant = issues.didYouMean(issues.nearestName(unknown, names));
    throw new UsageError(
      `--only: there is no check ${unknown}${meant}. Groups: ${groups.join(", ")}. orchestra doctor --json lists the ids of all checks.`,
    );
  }
  return checks.filter(({ id }) => only.includes(id) || only.includes(groupOf(id)));
}

function groupOf(id: string): string {
  return id.split("/")[0] ?? id;
}
