import { ArgumentError } from "./argument-error.ts";
import { shortened } from "./bounded.ts";
import { maySecret, namesSecret } from "./secret-headers.ts";

/** Shorter ones could be ordinary words; replacing them would garble the text. */
const minLength = 6;
/** Maximum characters of a text that is searched before it is cut. */
const maxSearched = 2 ** 20;
/** Maximum secrets of single calls that are remembered: a server may get a key with each call. */
const maxOfCalls = 100;

const ofSettings = new Set<string>();
const ofCalls = new Set<string>();

/** Matches all known secrets. Replaced with each new secret. */
export let secretPattern = /(?!)/;
let everySecret = /(?!)/g;

/**
 * Keys of OpenRouter, OpenAI and Portkey, and those of `orchestra keys`. A part of a key may be a known secret that
 * was already removed: the text around it belongs to the key too.
 */
const keyLike =
  /\b(sk|pk|ok-orch)-(?:[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]*\[redacted\])(?:[A-Za-z0-9_-]|\[redacted\])*/g;

/** Replaces all parts of a text that look like a key. */
export function redactKeys(text: string): string {
  return text.replaceAll(keyLike, "$1-[redacted]");
}

/** Replaces every known secret, and all parts that look like a key, in a text. */
export function redactSecrets(text: string): string {
  return redactKeys(text.replace(everySecret, "[redacted]"));
}

/** The beginning of a text, without secrets: they are removed first, because a part of a secret would not be found. */
export function redactedStart(text: string, maxLength: number): string {
  return shortened(redactSecrets(text.slice(0, maxSearched)), maxLength);
}

/**
 * Registers a secret, such as a key or a password. From then on it is removed from every error, event,
 * record and log line of this process, also URL-encoded, in base64, in hexadecimal digits, reversed, and
 * as JSON writes it. A secret of fewer than 6 characters is ignored.
 */
export function registerSecret(secret: string | undefined): void {
  if (secret !== undefined && typeof secret !== "string") {
    throw ArgumentError.of("registerSecret(): secret", secret, "a text");
  }
  remember(ofSettings, secret, Infinity);
}

/**
 * Registers the secrets in headers.
 *
 * @param isOfCall - Whether the headers differ for each call. Then only those whose names suggest a secret
 * count, because ids of requests look like secrets.
 */
export function registerSecretHeaders(
  headers: Readonly<Record<string, string>>,
  isOfCall = false,
): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!namesSecret(name) && (isOfCall || !maySecret(name, value))) continue;
    // The part after the scheme, as in "Bearer …", is a secret too.
    for (const secret of [value, value.split(" ").at(-1)]) {
      remember(isOfCall ? ofCalls : ofSettings, secret, isOfCall ? maxOfCalls : Infinity);
    }
  }
}

function remember(secrets: Set<string>, secret: string | undefined, maxCount: number): void {
  if (secret === undefined || secret.length < minLength) return;
  if (secrets.has(secret)) return;
  secrets.add(secret);
  if (secrets.size > maxCount) {
    const [oldest] = secrets;
    secrets.delete(oldest as string);
  }
  const forms = [...ofSettings, ...ofCalls].flatMap(formsOf);
  const longestFirst = [...new Set(forms)].toSorted((a, b) => b.length - a.length);
  const source = longestFirst.map(patternOf).join("|");
  secretPattern = new RegExp(source);
  everySecret = new RegExp(source, "g");
}

/** All encodings of a secret. */
function formsOf(secret: string): readonly string[] {
  const encoded = encodeURIComponent(secret.toWellFormed());
  const hex = Buffer.from(secret).toString("hex");
  const everyByte = hex.replaceAll(/../g, "%$&");
  const base64 = [0, 1, 2].flatMap((offset) => inBase64(secret, offset));
  return [
    secret,
    Array.from(secret).toReversed().join(""),
    hex,
    hex.toUpperCase(),
    everyByte,
    everyByte.toUpperCase(),
    JSON.stringify(secret).slice(1, -1),
    encoded,
    encoded.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase()),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

/** The part of a base64 text that encodes a secret, if the secret begins at this offset in a group of three bytes. */
function inBase64(secret: string, offset: number): readonly string[] {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
  const start = Math.ceil((offset * 8) / 6);
  const end = Math.floor((bytes.length * 8) / 6);
  const text = bytes.toString("base64").slice(start, end);
  return text.length >= minLength ? [text] : [];
}

/** A key may begin with a shorter known one, and is a secret to its end. */
function patternOf(form: string): string {
  const pattern = escapePattern(form);
  return /^(sk|pk)-[A-Za-z0-9_-]+$/.test(form) ? `${pattern}[A-Za-z0-9_-]*` : pattern;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
