import { ModelError } from "../../errors/index.ts";
import type { Policy } from "../chain.ts";

/**
 * Adapts the request to its route: the model's id, the fields that the provider understands, the
 * history. A parameter that the route refuses is remembered, and omitted from then on. So is a parameter
 * that the catalog does not list for the model.
 */
export const adaptRequest: Policy = (next, { routes: [primary], scope: { runId }, log }) => {
  return async (attempt) => {
    const { route } = attempt;
    const isFallback = route !== primary;
    const request = route.adapt(attempt.request, { isFallback, runId });
    const { unreported: parameter } = route.memory;
    if (parameter !== undefined) {
      route.memory.unreported = undefined;
      log.emit({ type: "adapt", model: route.model, parameter, message: notListed });
    }
    try {
      return await next({ ...attempt, request });
    } catch (error) {
      if (!ModelError.isInstance(error)) throw error;
      const parameter = route.memory.learn(error, request);
      if (parameter === undefined) throw error;
      log.emit({ type: "adapt", model: route.model, parameter, message: error.message });
      throw withReason(error);
    }
  };
};

const notListed = "The catalog does not list it for this model";

function withReason(error: ModelError): ModelError {
  const { message, details, cause, response } = error;
  const learned = { ...details, reason: "unsupported_parameter" } as const;
  const failure = new ModelError(message, learned, { cause });
  return response ? failure.withResponse(response) : failure;
}
