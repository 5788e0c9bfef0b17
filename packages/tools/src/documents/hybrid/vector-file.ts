import { createHash, randomUUID } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { files } from "@orchestra/core/extend";
import type { Vector } from "./vector-cache.ts";

/** Maximum bytes of the file of one model. */
export const maxFileBytes = 256 * 2 ** 20;

/** The first bytes of the file; another format gets another name. */
const magic = Buffer.from("orchestra-v1");
const headerBytes = magic.length + 4;
const keyBytes = 32;

/** Vectors by the SHA-256 of their model and text, in base64. */
export type StoredVectors = ReadonlyMap<string, Vector>;

/**
 * The vectors of a model that other processes have stored. A file that is absent, cut off, of another format
 * or too large counts as empty: its vectors are requested again.
 *
 * @throws if the file cannot be read
 */
export async function readVectorFile(folder: string, model: string): Promise<StoredVectors> {
  const path = fileOf(folder, model);
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size < headerBytes || size > maxFileBytes) return new Map();
  await using file = await open(path);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, 0);
  return bytesRead === size ? parse(buffer) : new Map();
}

function parse(bytes: Buffer): StoredVectors {
  const vectors = new Map<string, Vector>();
  const dimensions = bytes.readUInt32LE(magic.length);
  const recordBytes = keyBytes + dimensions * 4;
  const isWhole = dimensions > 0 && (bytes.length - headerBytes) % recordBytes === 0;
  if (!bytes.subarray(0, magic.length).equals(magic) || !isWhole) return vectors;
  for (let at = headerBytes; at < bytes.length; at += recordBytes) {
    const key = bytes.toString("base64", at, at + keyBytes);
    // A copy of the vector: a view would keep the whole file in memory.
    const values = Uint8Array.prototype.slice.call(bytes, at + keyBytes, at + recordBytes);
    const vector = new Float32Array(values.buffer, values.byteOffset, dimensions);
    if (vector.every(Number.isFinite)) vectors.set(key, vector);
  }
  return vectors;
}

/**
 * Stores vectors for other processes. After a crash, the file has either all of them or the earlier ones.
 *
 * @param vectors - The vectors of one model; those beyond {@link maxFileBytes} are omitted.
 * @throws if the folder cannot be written to
 */
export async function writeVectorFile(
  folder: string,
  model: string,
  vectors: StoredVectors,
): Promise<void> {
  const [first] = vectors.values();
  if (!first) return;
  const path = fileOf(folder, model);
  const growing = `${path}.${randomUUID()}`;
  await files.makeFolder(folder);
  try {
    await using file = await open(growing, "wx", 0o600);
    const header = Buffer.alloc(headerBytes);
    magic.copy(header);
    header.writeUInt32LE(first.length, magic.length);
    await file.write(header);
    let bytes = headerBytes;
    for (const [key, vector] of vectors) {
      if (vector.length !== first.length) continue;
      bytes += keyBytes + vector.byteLength;
      if (bytes > maxFileBytes) break;
      const values = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
      await file.write(Buffer.concat([Buffer.from(key, "base64"), values]));
    }
    await file.sync();
    await rename(growing, path);
  } catch (error) {
    await rm(growing, { force: true });
    throw error;
  }
}

function fileOf(folder: string, model: string): string {
  const name = createHash("sha256").update(model).digest("hex").slice(0, 32);
  return join(folder, `${name}.vectors`);
}
