import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readEnvLines, type UnreadLine } from "./env-lines.ts";

/** What a `.env` file adds to the environment. */
export interface EnvFile {
  readonly path: string;
  /** Variables that are set by the file alone. */
  readonly names: ReadonlySet<string>;
  /** What is missing because it cannot be read, as sentences: the file, or some of its lines. */
  readonly problems: readonly string[];
}

/**
 * Adds the variables of the folder's `.env` file to an environment. A variable that is set already
 * keeps its value.
 *
 * @returns nothing where there is no such file
 */
export function addEnvFile(folder: string, environment: NodeJS.ProcessEnv): EnvFile | undefined {
  const path = join(folder, ".env");
  let text: string;
  try {
    text = decode(readFileSync(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (absent.has(code)) return undefined;
    const problem = `The variables of .env are not set: ${message}.`;
    return { path, names: new Set(), problems: [problem] };
  }
  const { variables, unread } = readEnvLines(text);
  const added = Object.entries(variables).filter(([name]) => environment[name] === undefined);
  for (const [name, value] of added) environment[name] = value;
  return { path, names: new Set(added.map(([name]) => name)), problems: unread.map(describe) };
}

/** No file of variables: none at all, or a folder of this name, as Python's virtual environments are. */
const absent: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

/** Without a byte order mark, which would be a part of the first name; PowerShell writes UTF-16. */
function decode(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}

function describe({ number, problem }: UnreadLine): string {
  return `Line ${number} of .env is not used: ${problem}.`;
}
