export { CircuitBreakers, type CircuitBreaker } from "./circuit-breaker.ts";
export { isCircuitOpen } from "./circuit-open-error.ts";
export type {
  CircuitBreakersOptions,
  CircuitChange,
  CircuitPermit,
  CircuitState,
  CircuitStatus,
} from "./circuit-permit.ts";
