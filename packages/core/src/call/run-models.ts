import type { CallInput, CallPlan } from "./call-context.ts";
import type { RunScope } from "./run-scope.ts";

/** The model that a run uses instead of a role's own, if it sets one. */
export function modelOfRun(role: string, { models = {} }: RunScope): string | undefined {
  return Object.hasOwn(models, role) ? models[role] : undefined;
}

/** The plan of a call with the run's model for the role; without one, the unchanged plan. */
export function planOfRun(plan: CallPlan, { scope }: CallInput): CallPlan {
  const { role, routes, routeTo } = plan;
  const model = modelOfRun(role, scope);
  if (model === undefined || !routeTo) return plan;
  return { ...plan, routes: [routeTo(model), ...routes.slice(1)] };
}
