import type { Check } from "./check.ts";
import { accountChecks } from "./checks/account.ts";
import { databaseChecks } from "./checks/database.ts";
import { fileChecks } from "./checks/files.ts";
import { installChecks } from "./checks/install.ts";
import { modelChecks } from "./checks/models.ts";
import { networkChecks } from "./checks/network.ts";
import { portkeyChecks } from "./checks/portkey.ts";
import { settingsChecks } from "./checks/settings.ts";
import { tracingChecks } from "./checks/tracing.ts";

/** All checks, in the order of the report. */
export const checks: readonly Check[] = [
  ...installChecks,
  ...settingsChecks,
  ...fileChecks,
  ...networkChecks,
  ...accountChecks,
  ...modelChecks,
  ...portkeyChecks,
  ...databaseChecks,
  ...tracingChecks,
];
