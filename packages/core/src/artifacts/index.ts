export { findPlace, preparePlace, type ArtifactPlace } from "./artifact-place.ts";
export { findArtifacts, type FoundArtifact } from "./find-artifacts.ts";
export { openArtifact, type OpenedArtifact } from "./open-artifact.ts";
