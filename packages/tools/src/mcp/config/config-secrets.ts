import { secrets } from "@orchestra/core/extend";

/** Names of variables, headers, options and parameters whose values are secrets. */
const secretName =
  /auth|key|token|secret|cookie|session|pass|pwd|credential|signature|private|dsn/i;

/** Values that configure a program: switches, numbers, locales, paths, addresses. */
const publicValue =
  /^(true|false|on|off|yes|no|\d{1,5}|[a-z]{2}[-_][A-Z]{2}([.@][\w-]+)?|production|development|test|debug|info|warn|error|silent|[~./][\w./~-]*|[A-Z]:\\[^:]*|https?:\/\/[\w.:-]+[\w./-]*)$/;

const passwordInAddress = /^[a-z][a-z\d+.-]*:\/\/[^/\s:@]*:([^/\s@]+)@/i;

/** A value in a config, with its name, such as `API_KEY`. */
export type NamedValue = readonly [name: string, value: string];

/**
 * Registers the secrets of a server's config in the process, which then removes them from errors, events and
 * results of tools.
 *
 * @returns the values that must not be in a text about this server, including ordinary words that
 * cannot be removed from results of tools
 */
export function registerConfigSecrets(values: readonly NamedValue[]): readonly string[] {
  return values.flatMap(([name, value]) => {
    const password = passwordInAddress.exec(value)?.[1];
    secrets.registerSecret(password);
    // The part after the scheme, as in `Bearer …`, is a secret too.
    const parts = [value, ...value.split(" ").slice(1), ...(password ? [password] : [])];
    if (secretName.test(name)) parts.forEach(secrets.registerSecret);
    else secrets.registerSecretHeaders({ [name]: value });
    return secretName.test(name) || !publicValue.test(value) ? parts : parts.slice(1);
  });
}

/** `--api-key VALUE`, `--token=VALUE`, and all others without a name, because of passwords in URLs. */
export function namedArgs(args: readonly string[]): NamedValue[] {
  return args.map((arg, index) => {
    const [, name, value] = /^(--?[\w-]+|\w+)=(.*)$/s.exec(arg) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    const before = args[index - 1];
    const isOption = before !== undefined && /^--?[\w-]+$/.test(before);
    return isOption && secretName.test(before) ? [before, arg] : ["", publicArg(arg)];
  });
}

/** An argument without a name is not a secret, except for a password in a URL. */
function publicArg(arg: string): string {
  return passwordInAddress.test(arg) ? arg : "";
}

/** User, password, and query parameters. */
export function namedPartsOf(url: URL): NamedValue[] {
  return [["password", url.password], ["password", decoded(url.password)], ...url.searchParams];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
