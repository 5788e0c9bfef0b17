import type { CallInput, CallPlan } from "./call-context.ts";

/** The plan of a call whose run has a model of its own for the role; else the plan as it is. */
export function planOfRun(plan: CallPlan, { scope: { models = {} } }: CallInput): CallPlan {
  const { role, routes, routeTo } = plan;
  const model = Object.hasOwn(models, role) ? models[role] : undefined;
  if (model === undefined || !routeTo) return plan;
  return { ...plan, routes: [routeTo(model), ...routes.slice(1)] };
}
