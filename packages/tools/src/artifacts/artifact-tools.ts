import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { z } from "zod";
import { checkInput } from "@orchestra/core/extend";
import { ArtifactError } from "./artifact-error.ts";
import { artifactOptions, folderSchema } from "./artifacts.ts";
import { listArtifacts } from "./list-artifacts.ts";
import { readArtifact } from "./read-artifact.ts";
import { writeArtifact } from "./write-artifact.ts";

const mostListed = 200;
const mostCharacters = 12_000;

const path = z
  .string()
  .describe('Relative path with forward slashes, such as "report.md" or "charts/sales.csv".');

export interface ArtifactToolsOptions {
  /** Largest artifact that is written or read, in bytes. @defaultValue `1048576`, a mebibyte */
  readonly maxBytes?: number | undefined;
}

const optionsSchema = artifactOptions.pick({ maxBytes: true });

/**
 * Tools by which an agent writes files into a folder and sees what it holds: `write_artifact`,
 * `list_artifacts` and `read_artifact`. The folder is made by the first write.
 *
 * They answer with JSON, and with `{ error }` where the model can do better: a path that leads out,
 * content that is too long. Failures of the file system are thrown, which `createAgent` tells the
 * model too.
 *
 * @example
 * ```ts
 * const executor = orchestra.executor({ tools: artifactTools("./out") });
 * ```
 */
export function artifactTools(
  folder: string,
  options: ArtifactToolsOptions = {},
): StructuredToolInterface[] {
  checkInput(folderSchema, folder, "artifactTools()", "folder");
  checkInput(optionsSchema, options, "artifactTools()");
  return [
    writeArtifactTool(folder, options),
    listArtifactsTool(folder),
    readArtifactTool(folder, options),
  ];
}

/** `write_artifact` answers `{ path, bytes, sha256 }`. */
function writeArtifactTool(folder: string, options: ArtifactToolsOptions) {
  return tool(
    ({ path, content }, { signal }) =>
      answer(() => writeArtifact(folder, path, content, { ...options, signal })),
    {
      name: "write_artifact",
      description:
        "Write a text file that is part of what you deliver. A file of the same path is replaced as a whole.",
      schema: z.object({ path, content: z.string().describe("The whole text of the file.") }),
    },
  );
}

/** `list_artifacts` answers `{ artifacts: [{ path, bytes }], total }`. */
function listArtifactsTool(folder: string) {
  return tool(
    (_, { signal }) =>
      answer(async () => {
        const all = await listArtifacts(folder, { signal });
        return { artifacts: all.slice(0, mostListed), total: all.length };
      }),
    {
      name: "list_artifacts",
      description: "List the files that are there already, by path.",
      schema: z.object({}),
    },
  );
}

/** `read_artifact` answers `{ path, bytes, sha256, text, note? }`; the note says how to read on. */
function readArtifactTool(folder: string, options: ArtifactToolsOptions) {
  return tool(
    ({ path, fromCharacter }, { signal }) =>
      answer(async () => {
        const artifact = await readArtifact(folder, path, { ...options, signal });
        if (artifact === undefined) {
          throw new ArtifactError(`There is no artifact ${path}; list_artifacts lists them.`, {
            path,
          });
        }
        const start = Math.max(0, Math.trunc(fromCharacter ?? 0));
        const end = start + mostCharacters;
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
