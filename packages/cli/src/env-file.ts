import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

/** What a `.env` file adds to the environment. */
export interface EnvFile {
  readonly path: string;
  /** Variables that are set by the file alone. */
  readonly names: ReadonlySet<string>;
}

/**
 * Adds the variables of the folder's `.env` file to an environment. A variable that is set already
 * keeps its value.
 *
 * @returns nothing where there is no such file, or it cannot be read, which is reported
 */
export function addEnvFile(
  folder: string,
  environment: NodeJS.ProcessEnv,
  report: (problem: string) => void = () => undefined,
): EnvFile | undefined {
  const path = join(folder, ".env");
  const text = read(path, report);
  if (text === undefined) return undefined;
  const added = Object.entries(parseEnv(text)).filter(([name]) => environment[name] === undefined);
  for (const [name, value] of added) environment[name] = value;
  return { path, names: new Set(added.map(([name]) => name)) };
}

/** No file of variables: none at all, or a folder of this name, as Python's virtual environments are. */
const absent: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

function read(path: string, report: (problem: string) => void): string | undefined {
  try {
    return decode(readFileSync(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!absent.has(code)) report(`The variables of .env are not set: ${message}.`);
    return undefined;
  }
}

/** Without a byte order mark, which would be a part of the first name; PowerShell writes UTF-16. */
function decode(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}
