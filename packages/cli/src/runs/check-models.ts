import { readVariable, settingsWarnings } from "@orchestra/core/gateway";
import { misspeltRoles } from "../nearest-role.ts";
import type { CommandContext } from "../command-context.ts";
import { writeProse } from "../terminal/wrap.ts";
import type { OpenedRuns } from "./open-runs.ts";

/**
 * Checks that this process can call models, before it starts or changes a run that it will execute. Warns of settings
 * that are most likely misspelt.
 *
 * @throws {SettingsError} for invalid settings of the models
 */
export async function checkModels(
  { runtime, agentRoles }: OpenedRuns,
  { environment, stderr }: CommandContext,
): Promise<void> {
  const { settings } = runtime.gateway;
  const isLogged = readVariable(environment, "LOG_LEVEL") !== undefined;
  // The agents are created only if a role is unknown without their names.
  const hasMisspeltRole = misspeltRoles(settings).length > 0;
  const warnings = [
    ...(isLogged ? [] : settingsWarnings(environment)),
    ...(hasMisspeltRole ? misspeltRoles(settings, await agentRoles()) : []),
  ];
  for (const warning of warnings) writeProse(stderr, warning, "  ");
}
