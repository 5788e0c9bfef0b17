// First: it checks the version of Node.js.
export { ArtifactError, artifactsFolderOf } from "@orchestra/core/extend";
export { artifactTools, type ArtifactToolsOptions } from "./artifact-tools.ts";
export type { Artifact, ArtifactInfo, ArtifactOptions, ArtifactText } from "./artifacts.ts";
export { listArtifacts } from "./list-artifacts.ts";
export { readArtifact } from "./read-artifact.ts";
export { writeArtifact } from "./write-artifact.ts";
