import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readEnvLines, type UnreadLine } from "./env-lines.ts";

/** The result of reading a `.env` file. */
export interface EnvFile {
  readonly path: string;
  /** Names of the variables that the file has added. The environment did not have them. */
  readonly names: ReadonlySet<string>;
  /** A sentence for each line that is not used, or one for a file that cannot be read. */
  readonly problems: readonly string[];
}

/**
 * Adds the variables of the folder's `.env` file to an environment. A variable that is already set keeps its value,
 * even if that is empty.
 *
 * @returns `undefined` if there is no such file
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

/** There is no `.env` file, or `.env` is a folder, as some virtual environments of Python are named. */
const absent: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

/** Decodes UTF-8, or UTF-16 as PowerShell writes it, without the byte order mark. */
function decode(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}

function describe({ number, problem }: UnreadLine): string {
  return `Line ${number} of .env is not used: ${problem}.`;
}
