/** What went wrong in a config, in which line of it, and what to do. */
export function reasonOf(error: unknown, file: string): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack = "", code } = error as NodeJS.ErrnoException;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && file.endsWith(".ts")) {
    return `Node ${process.versions.node} does not run TypeScript. Use Node 22.18 or newer, set NODE_OPTIONS=--experimental-strip-types, or write the config as a .js file.`;
  }
  const line = stack.split(`${file}:`)[1]?.match(/^\d+/)?.[0];
  const reason = `${name}: ${message}${line === undefined ? "" : ` (line ${line})`}`;
  return code === "ERR_MODULE_NOT_FOUND" ? `${reason}. ${adviceFor(message)}` : reason;
}

/** Node.js names a package without its path, and a file by its path. */
function adviceFor(message: string): string {
  const [, name] = message.match(/^Cannot find package '([^']+)'/) ?? [];
  if (name === undefined || name.startsWith("/")) return "Correct the path in the import.";
  return `Install it, or correct its name: npm install ${name}`;
}
