export { EventStore } from "./event-store.ts";
export { follow, pollMs, type FollowOptions } from "./follow.ts";
export { News, type Watch } from "./news.ts";
export type { LifecycleEvent, NewEvent, RunEvent } from "./run-event.ts";
