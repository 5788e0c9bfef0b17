import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Refusal } from "../faults/refusal.ts";

/** The bearer key of a request, or the empty string. */
export function apiKeyOf(request: IncomingMessage): string {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

/** Refuses a request whose key is missing, or not among `keys` if there are any. */
export function checkApiKey(key: string, keys: readonly string[] | undefined): Refusal | undefined {
  if (key === "") return { status: 401, message: "Missing Authentication header" };
  if (keys !== undefined && !keys.includes(key)) return { status: 401, message: "User not found." };
  return undefined;
}

const fingerprints = new Map<string, string>();

/** Distinguishes keys without storing them. */
export function fingerprintOf(key: string): string {
  if (key === "") return "";
  let fingerprint = fingerprints.get(key);
  if (fingerprint === undefined) {
    fingerprint = createHash("sha256").update(key).digest("hex").slice(0, 12);
    fingerprints.set(key, fingerprint);
  }
  return fingerprint;
}
