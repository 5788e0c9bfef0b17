export { systemClock, unlessAborted, within, type Clock } from "./clock.ts";
export { isTurnOver, nextTurn } from "./turn.ts";
