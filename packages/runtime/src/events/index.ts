export { EventStore } from "./event-store.ts";
export { follow, type FollowOptions } from "./follow.ts";
export { EventNotifier } from "./event-notifier.ts";
export type {
  LifecycleEvent,
  LiveDelta,
  LiveEvent,
  NewEvent,
  RunEvent,
  StoredEvent,
} from "./run-event.ts";
export { Announcer } from "./announcer.ts";
export { LiveLane } from "./live-lane.ts";
