import { registerSecret, type Environment, type ServerVariableName } from "@orchestra/core/gateway";
import { ranges, resolvePackageSettings, type PackageVariable } from "@orchestra/core/extend";
import { z } from "zod";

/** Settings of the server. Those of the models are in `@orchestra/core`. */
export interface ServerSettings {
  /** Address to listen on. Env `ORCHESTRA_SERVER_HOST`. @defaultValue `127.0.0.1` */
  readonly host: string;
  /** `0` selects a free port. Env `ORCHESTRA_SERVER_PORT`. @defaultValue `8080` */
  readonly port: number;
  /**
   * Keys that clients send as `Authorization: Bearer …`. Required if other machines can reach the address.
   * Env `ORCHESTRA_SERVER_KEYS`, separated by commas. @defaultValue none: no key is required
   */
  readonly keys: readonly string[];
  /**
   * Names that clients may send in the `Host` header, without a port. Env `ORCHESTRA_SERVER_ALLOWED_HOSTS`.
   * @defaultValue loopback names; on other addresses, any name
   */
  readonly allowedHosts: readonly string[];
  /** Origins of web pages that may call the server. Env `ORCHESTRA_SERVER_ALLOWED_ORIGINS`. @defaultValue none */
  readonly allowedOrigins: readonly string[];
  /** Maximum size of a request's body, in bytes. Env `ORCHESTRA_SERVER_MAX_BODY_BYTES`. @defaultValue 32 MiB */
  readonly maxBodyBytes: number;
  /**
   * Maximum time that a client may take to send its request, in milliseconds.
   * Env `ORCHESTRA_SERVER_REQUEST_TIMEOUT`, seconds. @defaultValue `30_000`
   */
  readonly requestTimeoutMs: number;
  /**
   * Time without data, before the first token of a stream or between events of a run, after which the client
   * gets a comment, in milliseconds. Env `ORCHESTRA_SERVER_KEEP_ALIVE`, seconds. @defaultValue `15_000`
   */
  readonly keepAliveMs: number;
  /**
   * Time for requests in progress to end when the server closes, in milliseconds.
   * Env `ORCHESTRA_SERVER_GRACE`, seconds. @defaultValue `30_000`
   */
  readonly graceMs: number;
}

/** Settings in code; each has precedence over its variable. */
export type ServerSettingsOptions = {
  readonly [Name in keyof ServerSettings]?: ServerSettings[Name] | undefined;
};

/** A list in code, and text separated by commas in the environment. */
function listOf(item: z.ZodType<string, string>) {
  return { read: splitAtCommas, schema: z.array(item).default([]) };
}

/** Keeps empty parts, which are errors: a list of keys without a key would require none. */
function splitAtCommas(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}

/** A shorter key could be guessed, and an ordinary word would be removed from every log line. */
const key = z.string().regex(/^[\x21-\x7e]{16,256}$/);
const hostName = z.string().regex(/^[\w.:[\]-]+$/);
const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text);

/** The server's variables. */
export const serverVariables: readonly PackageVariable<ServerVariableName, keyof ServerSettings>[] =
  [
    {
      name: "ORCHESTRA_SERVER_HOST",
      option: "host",
      schema: hostName.default("127.0.0.1"),
      expected: "an address of this machine",
      example: "0.0.0.0",
    },
    {
      name: "ORCHESTRA_SERVER_PORT",
      option: "port",
      ...ranges.whole("a port", { min: 0, max: 65_535, initial: 8080 }),
    },
    {
      name: "ORCHESTRA_SERVER_KEYS",
      option: "keys",
      ...listOf(key),
      expected: "keys of 16 to 256 characters without spaces, separated by commas",
      example: "a-key-of-one-team,a-key-of-another-team",
      isSecret: true,
    },
    {
      name: "ORCHESTRA_SERVER_ALLOWED_HOSTS",
      option: "allowedHosts",
      ...listOf(hostName),
      expected: "names of hosts without ports, separated by commas",
      example: "llm.example.com,llm",
    },
    {
      name: "ORCHESTRA_SERVER_ALLOWED_ORIGINS",
      option: "allowedOrigins",
      ...listOf(origin),
      expected: "origins such as https://example.com, separated by commas",
      example: "https://chat.example.com",
    },
    {
      name: "ORCHESTRA_SERVER_MAX_BODY_BYTES",
      option: "maxBodyBytes",
      // Texts in JavaScript are limited to 512 MiB.
      ...ranges.whole("a whole number of bytes", {
        min: 1024,
        max: 256 * 2 ** 20,
        initial: 32 * 2 ** 20,
      }),
    },
    {
      name: "ORCHESTRA_SERVER_REQUEST_TIMEOUT",
      option: "requestTimeoutMs",
      ...ranges.seconds({ min: 0.1, max: 3600, initial: 30 }),
    },
    {
      name: "ORCHESTRA_SERVER_KEEP_ALIVE",
      option: "keepAliveMs",
      ...ranges.seconds({ min: 0.01, max: 3600, initial: 15 }),
    },
    {
      name: "ORCHESTRA_SERVER_GRACE",
      option: "graceMs",
      ...ranges.seconds({ min: 0, max: 86_400, initial: 30 }),
    },
  ];

/**
 * Reads the server's settings. An option has precedence over its variable; an empty variable counts as unset, and
 * quotes around a value are removed.
 *
 * @throws {SettingsError} with every problem at once
 * @throws {ArgumentError} for an unknown option
 */
export function resolveServerSettings(
  options: ServerSettingsOptions = {},
  environment: Environment = process.env,
): ServerSettings {
  const where = "The server's settings in code";
  const settings = resolvePackageSettings(where, serverVariables, options, environment);
  for (const key of settings.keys) registerSecret(key);
  return settings;
}
