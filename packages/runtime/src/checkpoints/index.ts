export { DurableSaver } from "./durable-saver.ts";
