import { createHash, randomBytes } from "node:crypto";
// As a namespace: an old Node.js, which lacks crc32, must fail with our own message.
import zlib from "node:zlib";

/** The prefix of each key, by which scanners and logs recognise one. */
const prefix = "ok-orch-";
const secretBytes = 32;
const checksumBytes = 4;
const form = /^ok-orch-[\w-]{48}$/;

/** Creates a key: 256 random bits and their checksum, in base64url. */
export function createKeyText(): string {
  const secret = randomBytes(secretBytes);
  return prefix + Buffer.concat([secret, checksumOf(secret)]).toString("base64url");
}

/** Whether a text has the form and the checksum of a key. Other texts need no query. */
export function isKeyText(text: string): boolean {
  if (!form.test(text)) return false;
  const bytes = Buffer.from(text.slice(prefix.length), "base64url");
  return checksumOf(bytes.subarray(0, secretBytes)).equals(bytes.subarray(secretBytes));
}

/**
 * The hash by which a key is stored and found. One round of SHA-256 without a salt is enough: no attacker guesses
 * 256 random bits, neither from the hash nor by trying. A slow hash, as for passwords, would only let wrong
 * keys cost the server time.
 */
export function hashKeyText(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function checksumOf(secret: Buffer): Buffer {
  const checksum = Buffer.alloc(checksumBytes);
  checksum.writeUInt32BE(zlib.crc32(secret));
  return checksum;
}
