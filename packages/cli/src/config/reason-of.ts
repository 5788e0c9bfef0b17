import { sentences } from "@orchestra/core/extend";

/**
 * Describes an error that a config threw, as the end of a sentence: its name and message, the line of the config, and
 * what to do if a module was not found or Node.js does not run TypeScript.
 *
 * @param file - Name of the config without its folder.
 */
export function reasonOf(error: unknown, file: string): string {
  if (!(error instanceof Error)) return sentences.withStop(String(error));
  const { name, message, stack = "", code } = error as NodeJS.ErrnoException;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && file.endsWith(".ts")) {
    return `Node ${process.versions.node} does not run TypeScript. Use Node 22.18 or newer, set NODE_OPTIONS=--experimental-strip-types, or write the config as a .js file.`;
  }
  const line = stack.split(`${file}:`)[1]?.match(/^\d+/)?.[0];
  const place = line === undefined ? "" : ` (line ${line})`;
  const reason = sentences.withStop(`${name}: ${message}${place}`);
  return code === "ERR_MODULE_NOT_FOUND" ? `${reason} ${adviceFor(message)}` : reason;
}

/** In the message of Node.js, a package has its name, and a file its path. */
function adviceFor(message: string): string {
  const [, name] = message.match(/^Cannot find package '([^']+)'/) ?? [];
  if (name === undefined || name.startsWith("/")) return "Correct the path in the import.";
  if (name.startsWith("@orchestra/")) {
    return "Move the config into a project that has the packages: orchestra init FOLDER writes one.";
  }
  return `Install it (npm install ${name}, or pnpm add ${name}), or correct its name.`;
}
