import { featuresOf } from "./features.ts";

/**
 * A vector of length 1 for a text, by hashed features: the same text has the same vector on every
 * machine, and texts that share words, or most of their letters, are near each other. It does not represent
 * meaning, and is not a real embedding.
 */
export function vectorOf(text: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  for (const [feature, weight] of featuresOf(text)) {
    const hash = hashOf(feature);
    const place = (hash >>> 1) % dimensions;
    // Features with the same index cancel out instead of adding up.
    vector[place] = (vector[place] ?? 0) + (hash % 2 === 0 ? weight : -weight);
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => (length === 0 ? 0 : round(value / length)));
}

/** A vector as base64 of 32-bit floats, as OpenAI's API sends it. */
export function base64Of(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString("base64");
}

/** FNV-1a, with the bits mixed at its end. Source: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
