import { DEFAULT_INHERITED_ENV_VARS } from "@modelcontextprotocol/sdk/client/stdio.js";

/**
 * Variables that programs need to run and that are not secrets. All other variables of this process, such
 * as OPENROUTER_API_KEY, are not passed to servers, unless the config names them.
 */
const inherited = [
  ...DEFAULT_INHERITED_ENV_VARS,
  // Certificate files; without them a program such as npx cannot download behind a company's proxy.
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TMPDIR",
  "TZ",
  ...(process.platform === "win32" ? ["COMSPEC", "PATHEXT", "TMP", "WINDIR"] : []),
];

/** The environment of a server's process. */
export function serverEnvironment(
  ours: Readonly<Record<string, string | undefined>>,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const safe = inherited.flatMap((name) => {
    const value = ours[name];
    // A function of the shell is a program.
    return value === undefined || value.startsWith("()") ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(safe), ...own };
}
