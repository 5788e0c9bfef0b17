/** A `DATABASE_URL`, which may name several hosts. */
export interface ConnectionUrl {
  /** The URL with each single host, in their order: node-postgres supports one host. */
  readonly urls: readonly string[];
  /** Whether the host that accepts writes has to be found: there are several, or the URL requires it. */
  readonly findsPrimary: boolean;
  /** `host:port,host:port/name`, without the user and the password. */
  readonly description: string;
  /** As written, which may be percent-encoded. */
  readonly passwords: readonly string[];
}

/** The problem of a URL, as the predicate of a sentence. It contains no part of the URL that may be a secret. */
export class ConnectionUrlError extends Error {
  override readonly name = "ConnectionUrlError";
}

const noUrl = "is not a URL such as postgresql://user:password@host:5432/name";
/** Values of `target_session_attrs` for sessions that can write. Runs are written, so `any` is one of them. */
const writable: ReadonlySet<string> = new Set(["read-write", "primary", "any"]);

/**
 * Reads a URL as libpq does, with several hosts in its authority or in its parameters:
 * `postgresql://a:5432,b:5432/name?target_session_attrs=read-write`, `postgresql:///name?host=a,b&port=5432`.
 *
 * @throws {ConnectionUrlError}
 */
export function parseConnectionUrl(url: string): ConnectionUrl {
  const parts = /^(postgres(?:ql)?:\/\/)(?:([^/?#]*)@)?([^@/?#]*)([^?#]*)(?:\?([^#]*))?$/i.exec(
    url,
  );
  if (!parts) throw new ConnectionUrlError(noUrl);
  const [, scheme = "", login, authority = "", path = "", query = ""] = parts;
  if (path.includes("@")) {
    throw new ConnectionUrlError(`${noUrl}: write / in a password as %2F`);
  }
  const parameters = new URLSearchParams(query);
  const target = parameters.get("target_session_attrs");
  if (target !== null && !writable.has(target)) {
    throw new ConnectionUrlError(
      "has a target_session_attrs that is not read-write, primary or any: runs are written",
    );
  }
  const hosts = hostsOf(authority, parameters);
  const before = login === undefined ? scheme : `${scheme}${login}@`;
  const urls =
    hosts.length === 1
      ? [url]
      : hosts.map(({ own, parameters: more }) => `${before}${own}${path}?${more.toString()}`);
  if (!urls.every(isUrl)) throw new ConnectionUrlError(noUrl);
  return {
    urls,
    findsPrimary: hosts.length > 1 || (target !== null && target !== "any"),
    description: hosts.map(({ name }) => name).join(",") + path,
    passwords: [/^[^:]*:(.+)$/.exec(login ?? ""), /(?:^|&)password=([^&]+)/.exec(query)].flatMap(
      (found) => found?.[1] ?? [],
    ),
  };
}

/**
 * The address of a URL's database, for people: `host:port,host:port/name`, without the user and the password.
 *
 * @throws {ConnectionUrlError}
 */
export function describeConnectionUrl(url: string): string {
  return parseConnectionUrl(url).description;
}

/** Whether a text is a valid URL for {@link parseConnectionUrl}. */
export function isConnectionUrl(text: string): boolean {
  try {
    parseConnectionUrl(text);
    return true;
  } catch {
    return false;
  }
}

/** A user without a host is not a valid URL elsewhere: here the host is in the parameters, or the default. */
function isUrl(text: string): boolean {
  return URL.canParse(text.replace("@/", "@localhost/"));
}

interface Host {
  /** For people. */
  readonly name: string;
  /** The authority of its URL. */
  readonly own: string;
  readonly parameters: URLSearchParams;
}

function hostsOf(authority: string, parameters: URLSearchParams): readonly Host[] {
  const names = parameters.get("host")?.split(",");
  const hosts = names
    ? names.map((name, index) => hostOfParameters(authority, parameters, names.length, name, index))
    : authority.split(",").map((own) => ({ name: own, own, parameters }));
  if (hosts.length === 1) return hosts.map((host) => ({ ...host, name: host.name || "localhost" }));
  if (hosts.some(({ name }) => name === "")) {
    throw new ConnectionUrlError("has a host without a name among its hosts");
  }
  return hosts;
}

function hostOfParameters(
  own: string,
  parameters: URLSearchParams,
  count: number,
  name: string,
  index: number,
): Host {
  const ports = parameters.get("port")?.split(",") ?? [""];
  if (ports.length > 1 && ports.length !== count) {
    throw new ConnectionUrlError(`has ${count} hosts, but ${ports.length} ports`);
  }
  const port = ports[ports.length === 1 ? 0 : index] ?? "";
  const single = new URLSearchParams(parameters);
  single.set("host", name);
  if (port === "") single.delete("port");
  else single.set("port", port);
  return { name: port === "" ? name : `${name}:${port}`, own, parameters: single };
}
