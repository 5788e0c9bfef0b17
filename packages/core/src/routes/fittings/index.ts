import { alternatingRoles, noDeveloperRole, noSystemRole } from "./alternating-roles.ts";
import { emptyContent, nullContent } from "./content-of-tool-calls.ts";
import type { Fitting } from "./fitting.ts";
import { noNames, noReasoning } from "./message-fields.ts";
import { noStrict } from "./no-strict.ts";
import { plainToolSchemas } from "./plain-tool-schemas.ts";
import { shortToolCallIds } from "./short-tool-call-ids.ts";
import { newTokenLimit, oldTokenLimit } from "./token-limit.ts";

export type { Fitting };

/** The first one that a refusal speaks of, and that changes the request, is used. */
export const fittings: readonly Fitting[] = [
  shortToolCallIds,
  noReasoning,
  noNames,
  newTokenLimit,
  oldTokenLimit,
  noStrict,
  plainToolSchemas,
  noDeveloperRole,
  noSystemRole,
  alternatingRoles,
  nullContent,
  emptyContent,
];
