export { LiveView } from "./live-view.ts";
export { PlainView } from "./plain-view.ts";
export { noView, type View } from "./view.ts";
