export { addWorkerCommand } from "./worker-command.ts";
