export { systemClock, within, type Clock } from "./clock.ts";
