import {
  ArgumentError,
  checkInput,
  isObject,
  issues,
  quoted,
  type Fields,
} from "@orchestra/core/extend";
import { McpServerError } from "../mcp-server-error.ts";
import { textCleaner } from "./clean-text.ts";
import { foreignFields, otherNames, serverSchema, unreadFields } from "./config-schema.ts";
import {
  namedArgs,
  namedPartsOf,
  registerConfigSecrets,
  type NamedValue,
} from "./config-secrets.ts";
import { expandVariables } from "./expand-variables.ts";
import type { McpServerConfig, ResolvedServer } from "./mcp-config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Checks a config, and replaces its variables.
 *
 * @param where - The name of the config, for errors: a file's path, or `config`.
 * @throws {McpServerError} with every problem, by server and field
 */
export function resolveConfig(
  config: unknown,
  where: string,
  environment: Environment,
): ResolvedServer[] {
  const problems: string[] = [];
  const [key, entries] = entriesOf(config, where);
  const resolved = entries.flatMap(([name, entry]) => {
    const field = `${key}${/^[\w-]{1,80}$/.test(name) ? `.${name}` : `[${quoted(name)}]`}`;
    const wrong = problemsOf(name, entry, field);
    problems.push(...wrong);
    const server = entry as McpServerConfig;
    return wrong.length > 0 || server.disabled
      ? []
      : [resolveServer(name, server, { field, environment, problems })];
  });
  if (problems.length > 0) throw invalidConfig(where, problems.join("; "));
  return resolved;
}

export function invalidConfig(where: string, problem: string, cause?: unknown): McpServerError {
  return new McpServerError(`The MCP config (${where}) cannot be used: ${problem}`, {
    reason: "invalid_config",
    cause,
  });
}

function entriesOf(config: unknown, where: string): [string, [string, unknown][]] {
  const given = isObject(config) ? config : {};
  const { mcpServers, servers } = given as { readonly [K in "mcpServers" | "servers"]?: unknown };
  const [key, found] = mcpServers === undefined ? ["servers", servers] : ["mcpServers", mcpServers];
  if (isObject(found)) {
    const entries = Object.entries(found);
    if (entries.length > 0) return [key, entries];
    throw invalidConfig(where, `${key} names no server`);
  }
  const example = '{ "mcpServers": { "files": { "command": "npx", "args": ["-y", "…"] } } }';
  const keys = Object.keys(given).slice(0, 5).map(quoted).join(", ");
  throw invalidConfig(
    where,
    `expected an object of servers as mcpServers, such as ${example}${keys && `; there is ${keys}`}`,
  );
}

function problemsOf(name: string, entry: unknown, field: string): string[] {
  if (name.trim() === "") return [`${field} has no name: expected one, such as "files"`];
  if (!isObject(entry)) return [`${field} must be an object with a command or a url`];
  const names = Object.keys(entry).filter((each) => !foreignFields.has(each));
  const known = names.filter((each) => Object.hasOwn(serverSchema.shape, each));
  const unknown = names.filter((each) => !known.includes(each));
  const read = Object.fromEntries(known.map((each) => [each, (entry as Fields)[each]]));
  const problems = unknown.map((each) => `${field}.${unknownField(each)}`);
  problems.push(...misfits(read, field));
  if (problems.length === 0) problems.push(...contradictions(read, field));
  return problems;
}

function unknownField(name: string): string {
  const advice = Object.hasOwn(unreadFields, name) ? unreadFields[name] : undefined;
  if (advice !== undefined) return `${name} is not read here: ${advice}`;
  const fields = Object.keys(serverSchema.shape);
  const meant = Object.hasOwn(otherNames, name)
    ? otherNames[name]
    : issues.nearestName(name, fields);
  const shown = /^[\w-]{1,80}$/.test(name) ? name : quoted(name);
  return `${shown} is not known ${meant ? `(did you mean ${meant}?)` : `(expected one of ${fields.join(", ")})`}`;
}

function misfits(fields: Fields, field: string): string[] {
  try {
    checkInput(serverSchema, fields, "", field);
    return [];
  } catch (error) {
    if (!ArgumentError.isInstance(error)) throw error;
    return [error.message.replace(/^: /, "")];
  }
}

function contradictions(server: McpServerConfig, field: string): string[] {
  const { command, url, type, transport = type } = server;
  if (command !== undefined && url !== undefined) {
    return [`${field} has a command and a url: expected one of both`];
  }
  if (command === undefined && url === undefined) {
    return [`${field} has neither a command to start nor a url to connect to`];
  }
  if (type !== undefined && type !== transport) {
    return [`${field}.type and ${field}.transport differ: expected one of both`];
  }
  if (transport !== undefined && (transport === "stdio") !== (command !== undefined)) {
    const needed = transport === "stdio" ? "command" : "url";
    return [`${field} is of type ${transport} and has no ${needed}`];
  }
  const strangers =
    command === undefined ? (["args", "env", "cwd"] as const) : (["headers"] as const);
  return strangers
    .filter((name) => server[name] !== undefined)
    .map(
      (name) =>
        `${field}.${name} has no effect beside a ${command === undefined ? "url" : "command"}`,
    );
}

interface Resolving {
  readonly field: string;
  readonly environment: Environment;
  readonly problems: string[];
}

function resolveServer(
  name: string,
  server: McpServerConfig,
  { field, environment, problems }: Resolving,
): ResolvedServer {
  const secrets: NamedValue[] = [];
  const expand = (text: string, where: string): string => {
    const expanded = expandVariables(text, environment, `${field}.${where}`, problems);
    secrets.push(...expanded.values);
    // No process accepts it, and the error of Node.js would show the value.
    if (expanded.text.includes("\0")) problems.push(`${field}.${where} has a NUL character in it`);
    return expanded.text;
  };
  const expandAll = (texts: Readonly<Record<string, string>> = {}, where: string) =>
    Object.fromEntries(
      Object.entries(texts).map(([key, text]) => [
        key,
        expand(text, /^[\w-]{1,80}$/.test(key) ? `${where}.${key}` : `${where}[${quoted(key)}]`),
      ]),
    );
  const finish = (named: readonly NamedValue[]) => {
    const cleaned = registerConfigSecrets([...secrets, ...named]);
    return { name, clean: textCleaner(cleaned) };
  };
  if (server.command !== undefined) {
    const command = expand(server.command, "command");
    const args = (server.args ?? []).map((arg, index) => expand(arg, `args[${index}]`));
    const env = expandAll(server.env, "env");
    problems.push(...wrongVariables(env, field));
    const cwd = server.cwd === undefined ? undefined : expand(server.cwd, "cwd");
    const named = [...Object.entries(env), ...namedArgs(args)];
    return { ...finish(named), kind: "stdio", command, args, env, cwd };
  }
  const text = expand(server.url ?? "", "url");
  const headers = expandAll(server.headers, "headers");
  problems.push(...wrongHeaders(headers, field));
  const parsed = URL.parse(text);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    problems.push(`${field}.url must be an address such as "http://127.0.0.1:3001/mcp"`);
  }
  const url = parsed ?? new URL("http://unknown");
  const named = [...Object.entries(headers), ...namedPartsOf(url)];
  return { ...finish(named), kind: kindOf(server), url, headers };
}

function kindOf({ type, transport = type }: McpServerConfig): "http" | "sse" | "any" {
  if (transport === undefined) return "any";
  return transport === "sse" ? "sse" : "http";
}

function wrongVariables(env: Readonly<Record<string, string>>, field: string): string[] {
  return Object.keys(env)
    .filter((name) => !/^[^\0=]+$/.test(name))
    .map(
      (name) =>
        `${field}.env[${quoted(name)}] is not the name of a variable: expected one such as "API_KEY", without = and NUL`,
    );
}

function wrongHeaders(headers: Readonly<Record<string, string>>, field: string): string[] {
  return Object.entries(headers)
    .filter(([name, value]) => !isHeader(name, value))
    .map(
      ([name]) =>
        `${field}.headers[${quoted(name)}] is not a header: expected a name and a value of printable ASCII`,
    );
}

function isHeader(name: string, value: string): boolean {
  try {
    return new Headers({ [name]: value }).has(name);
  } catch {
    return false;
  }
}
