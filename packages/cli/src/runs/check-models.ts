import { readVariable, settingsWarnings } from "@orchestra/core";
import { misspeltRoles } from "../nearest-role.ts";
import type { Surroundings } from "../surroundings.ts";
import { writeProse } from "../terminal/wrap.ts";
import type { OpenedRuns } from "./open-runs.ts";

/**
 * Makes sure that this process can call models, before it changes a run that it is to execute. Warns of
 * settings that are most likely misspelt.
 *
 * @throws {SettingsError}
 */
export function checkModels(
  { runtime, agentRoles }: OpenedRuns,
  { environment, stderr }: Surroundings,
): void {
  const { settings } = runtime.orchestra;
  const isLogged = readVariable(environment, "LOG_LEVEL") !== undefined;
  // Agents are made for the sake of their names only where it matters.
  const hasMisspeltRole = misspeltRoles(settings).length > 0;
  const warnings = [
    ...(isLogged ? [] : settingsWarnings(environment)),
    ...(hasMisspeltRole ? misspeltRoles(settings, agentRoles()) : []),
  ];
  for (const warning of warnings) writeProse(stderr, warning, "  ");
}
