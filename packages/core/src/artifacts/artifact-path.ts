import { quoted } from "../errors/bounded.ts";
import { ArtifactError } from "./artifact-error.ts";

/** In bytes. File systems allow 255; some that encrypt names allow less. */
const maxName = 140;
/** Maximum length of a path, in characters. */
export const maxPath = 500;

/**
 * The folders on the way to an artifact, and its own name last. They are separated by `/`; a leading `./` is
 * ignored. Every name must be valid on any file system, so that a folder can be moved
 * between them. No name may be hidden, because a model must not write `.git` or `.env`.
 *
 * @throws {ArtifactError} for every other path, including all that lead out of the folder
 */
export function parseArtifactPath(path: string): readonly string[] {
  const refuse = (problem: string): never => {
    throw new ArtifactError(`${quoted(path)} ${problem}`, { path });
  };
  // The same letters, regardless of how a model composes accents.
  const normal = path.normalize("NFC");
  if (normal.length > maxPath) {
    refuse(`is ${normal.length} characters long; a path has ${maxPath} at most.`);
  }
  if (/^(?:[/\\]|[a-z]:[/\\])/i.test(normal)) {
    refuse('is an absolute path; give one relative to the folder, such as "report.md".');
  }
  const names = normal.split("/").filter((name) => name !== ".");
  if (names.length === 0 || names.at(-1) === "") {
    refuse('names no file; give a path such as "report.md" or "charts/sales.csv".');
  }
  if (names.includes("")) refuse("holds two slashes in a row.");
  if (names.includes("..")) refuse('leads out of its folder with ".."; leave that out.');
  for (const name of names) {
    const problem = problemOfName(name);
    if (problem !== undefined) refuse(`cannot be used: ${quoted(name)} ${problem}.`);
  }
  return names;
}

/** The problem of a name; `undefined` for a name that is valid on any file system. */
export function problemOfName(name: string): string | undefined {
  if (/^[-~]/.test(name))
    return "begins like an option of a command; begin names with a letter or a digit";
  if (name.startsWith(".")) return "is hidden; begin names with a letter or a digit";
  if (Buffer.byteLength(name) > maxName) return `is longer than ${maxName} bytes`;
  if (unusable.test(name) || !name.isWellFormed()) {
    return 'holds characters that names cannot; use letters, digits, spaces, "-", "_" and "."';
  }
  if (/[. ]$/.test(name)) return "ends in a dot or a space";
  if (deviceName.test(name)) return "is the name of a device on Windows";
  return undefined;
}

/** Control characters, invisible characters, those that change the text direction, and those with a meaning on Windows. */
const unusable = /[\p{Cc}\p{Cf}\u2028\u2029\\:*?"<>|]/u;
const deviceName =
  /^(?:con|conin\$|conout\$|prn|aux|nul|com[\d\u00b9\u00b2\u00b3]|lpt[\d\u00b9\u00b2\u00b3])(?:\.|$)/i;
