import type { CallInput, CallPlan } from "./call-context.ts";
import type { RunScope } from "./run-scope.ts";

/** The model that a run has in place of a role's own, if it has one. */
export function modelOfRun(role: string, { models = {} }: RunScope): string | undefined {
  return Object.hasOwn(models, role) ? models[role] : undefined;
}

/** The plan of a call whose run has a model of its own for the role; else the plan as it is. */
export function planOfRun(plan: CallPlan, { scope }: CallInput): CallPlan {
  const { role, routes, routeTo } = plan;
  const model = modelOfRun(role, scope);
  if (model === undefined || !routeTo) return plan;
  return { ...plan, routes: [routeTo(model), ...routes.slice(1)] };
}
