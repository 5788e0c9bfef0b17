import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";

/** Maximum bytes of all vectors that are kept for documents that are opened again. */
const maxCacheBytes = 128 * 2 ** 20;

export type Vector = Float32Array<ArrayBuffer>;

/** Vectors by their keys; the least recently used ones are dropped. */
class VectorCache {
  readonly #vectors = new LRUCache<string, Vector>({
    maxSize: maxCacheBytes,
    sizeCalculation: ({ byteLength }) => Math.max(1, byteLength),
  });

  get(key: string): Vector | undefined {
    return this.#vectors.get(key);
  }

  set(key: string, vector: Vector): void {
    this.#vectors.set(key, vector);
  }
}

/** The key of a vector. */
export function keyOf(model: string, text: string): string {
  return createHash("sha256").update(`${model}\n${text}`).digest("base64");
}

const caches = new WeakMap<object, VectorCache>();

/** The cache of one owner: vectors that one account paid for are kept as long as its program uses it. */
export function cacheOf(owner: object): VectorCache {
  let cache = caches.get(owner);
  if (!cache) caches.set(owner, (cache = new VectorCache()));
  return cache;
}
