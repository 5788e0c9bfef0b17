import { ModelError } from "../../errors/index.ts";
import type { Policy } from "../chain.ts";
import { modelRefusal, roleRefusal } from "../key-access.ts";
import { modelOfRun } from "../run-models.ts";

/**
 * Refuses a call that the client's key does not allow: a call of another role, or with another model that the
 * run sets instead of the role's own. The role's own model needs no permission.
 */
export const keyAccess: Policy = (next, { role, scope }) => {
  const { key } = scope;
  const model = modelOfRun(role, scope);
  const refusal =
    roleRefusal(key, role) ?? (model === undefined ? undefined : modelRefusal(key, model));
  if (refusal === undefined) return next;
  return () => Promise.reject(new ModelError(refusal, { kind: "permission_error", isFinal: true }));
};
