export {
  definePipeline,
  keyOf,
  versionOf,
  type Pipeline,
  type PipelineContext,
} from "./pipeline.ts";
export { PipelineRegistry } from "./registry.ts";
export { validInput } from "./valid-input.ts";
