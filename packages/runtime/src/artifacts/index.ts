export { RunArtifacts, type RunArtifact } from "./run-artifacts.ts";
