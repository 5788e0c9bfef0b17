import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { z } from "zod";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  ArgumentError,
  ArtifactError,
  artifactsFolderOf,
  checkInput,
} from "@orchestra/core/extend";
import { artifactOptions, folderSchema } from "./artifacts.ts";
import { listArtifacts } from "./list-artifacts.ts";
import { readArtifact } from "./read-artifact.ts";
import { writeArtifact } from "./write-artifact.ts";

const maxListed = 200;
const maxCharacters = 12_000;

const path = z
  .string()
  .describe('Relative path with forward slashes, such as "report.md" or "charts/sales.csv".');

export interface ArtifactToolsOptions {
  /** Largest artifact that is written or read, in bytes. @defaultValue `1048576`, a mebibyte */
  readonly maxBytes?: number | undefined;
}

const optionsSchema = artifactOptions.pick({ maxBytes: true });

/**
 * Tools with which an agent writes files into a folder and reads them: `write_artifact`,
 * `list_artifacts` and `read_artifact`. The first write creates the folder.
 *
 * In a durable run the folder can be omitted: each run has its own, which the server shows.
 *
 * They return JSON, and `{ error }` for mistakes that the model can correct: a path that leads out of the folder,
 * content that is too long. Errors of the file system are thrown; `createAgent` reports them
 * to the model too.
 *
 * @param folder - The folder for all calls. @defaultValue the folder of the run that makes the call
 *
 * @example
 * ```ts
 * const executor = orchestra.executor({ tools: artifactTools("./out") });
 * ```
 */
export function artifactTools(
  folder?: string,
  options: ArtifactToolsOptions = {},
): StructuredToolInterface[] {
  checkInput(folderSchema.optional(), folder, "artifactTools()", "folder");
  checkInput(optionsSchema, options, "artifactTools()");
  const folderFor = (config: RunnableConfig) => folder ?? requireFolder(config);
  return [
    writeArtifactTool(folderFor, options),
    listArtifactsTool(folderFor),
    readArtifactTool(folderFor, options),
  ];
}

/** The folder for a call. */
type FolderFor = (config: RunnableConfig) => string;

/** @throws {ArgumentError} outside of durable runs */
function requireFolder(config: RunnableConfig): string {
  const folder = artifactsFolderOf(config);
  if (folder !== undefined) return folder;
  throw new ArgumentError(
    'artifactTools(): folder is missing, and no durable run has one for this call: expected a path. Give it one, as in artifactTools("./out"), or run the agent in a pipeline of @orchestra/runtime.',
  );
}

/** `write_artifact` returns `{ path, bytes, sha256 }`. */
function writeArtifactTool(folderFor: FolderFor, options: ArtifactToolsOptions) {
  return tool(
    ({ path, content }, config) =>
      answer(() => {
        const { signal } = config;
        return writeArtifact(folderFor(config), path, content, { ...options, signal });
      }),
    {
      name: "write_artifact",
      description:
        "Write a text file that is part of what you deliver. A file of the same path is replaced as a whole.",
      schema: z.object({ path, content: z.string().describe("The whole text of the file.") }),
    },
  );
}

/** `list_artifacts` returns `{ artifacts: [{ path, bytes }], total }`. */
function listArtifactsTool(folderFor: FolderFor) {
  return tool(
    (_, config) =>
      answer(async () => {
        const { signal } = config;
        const all = await listArtifacts(folderFor(config), { signal });
        return { artifacts: all.slice(0, maxListed), total: all.length };
      }),
    {
      name: "list_artifacts",
      description: "List the files that are there already, by path.",
      schema: z.object({}),
    },
  );
}

/** `read_artifact` returns `{ path, bytes, sha256, text, note? }`; the note describes how to continue. */
function readArtifactTool(folderFor: FolderFor, options: ArtifactToolsOptions) {
  return tool(
    ({ path, fromCharacter }, config) =>
      answer(async () => {
        const { signal } = config;
        const artifact = await readArtifact(folderFor(config), path, { ...options, signal });
        if (artifact === undefined) {
          throw new ArtifactError(`There is no artifact ${path}; list_artifacts lists them.`, {
            path,
          });
        }
        const start = Math.max(0, Math.trunc(fromCharacter ?? 0));
        const end = start + maxCharacters;
        return {
          ...artifact,
          text: artifact.text.slice(start, end),
          ...(end < artifact.text.length && { note: `Read on with fromCharacter ${end}.` }),
        };
      }),
    {
      name: "read_artifact",
      description: "Read a file that is there already, before you replace it.",
      schema: z.object({
        path,
        fromCharacter: z.coerce.number().optional().describe("Where to begin, 0 by default."),
      }),
    },
  );
}

async function answer(work: () => Promise<object>): Promise<string> {
  try {
    return JSON.stringify(await work());
  } catch (error) {
    if (!ArtifactError.isInstance(error)) throw error;
    return JSON.stringify({ error: error.message });
  }
}
