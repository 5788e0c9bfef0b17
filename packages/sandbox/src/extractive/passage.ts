/** A place in a document. */
export interface Place {
  readonly path?: string;
  /** The line on which the text begins. */
  readonly line?: number;
  readonly page?: number;
}

/** A piece of material: text, and where it comes from as far as the material says so. */
export interface Passage extends Place {
  readonly kind: "source" | "prose";
  readonly text: string;
  /** The number by which the prompt wants it cited. */
  readonly number?: number;
}

/** A statement that someone has already drawn from sources, with what it rests on. */
export interface Claim {
  readonly kind: "claim";
  readonly text: string;
  readonly number?: number;
  readonly evidence: readonly Passage[];
}

/** All that a request offers to answer from. */
export interface Material {
  readonly passages: readonly Passage[];
  readonly claims: readonly Claim[];
}

/** A sentence chosen to answer with: its text is a part of its passage, letter for letter. */
export interface Excerpt extends Place {
  readonly text: string;
  readonly number?: number;
}
