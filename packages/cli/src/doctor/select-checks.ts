import { issues } from "@orchestra/core/extend";
import { UsageError } from "../errors/usage-error.ts";
import type { Check } from "./check.ts";

/**
 * The checks of these ids; `settings` names all of its group.
 *
 * @throws {UsageError} for an id that no check has
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
