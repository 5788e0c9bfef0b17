import { accountStates } from "./broken/account.ts";
import { databaseStates } from "./broken/database.ts";
import { filesStates } from "./broken/files.ts";
import { installStates } from "./broken/install.ts";
import { modelsStates } from "./broken/models.ts";
import { networkStates } from "./broken/network.ts";
import { portkeyStates } from "./broken/portkey.ts";
import { settingsStates } from "./broken/settings.ts";
import { tracingStates } from "./broken/tracing.ts";
import type { BrokenState } from "./broken/state.ts";

/** States that have one problem each. */
export const brokenStates: readonly BrokenState[] = [
  ...settingsStates,
  ...filesStates,
  ...installStates,
  ...networkStates,
  ...accountStates,
  ...modelsStates,
  ...portkeyStates,
  ...databaseStates,
  ...tracingStates,
];
