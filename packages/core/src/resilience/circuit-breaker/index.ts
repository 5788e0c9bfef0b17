export { CircuitBreaker, type CircuitChange, type CircuitState } from "./circuit-breaker.ts";
export { CircuitBreakers, type CircuitBreakersOptions } from "./circuit-breakers.ts";
export { isCircuitOpen } from "./circuit-open-error.ts";
export { circuitKey, type CircuitRoute } from "./circuit-route.ts";
export { failureWeight } from "./failure-weight.ts";
