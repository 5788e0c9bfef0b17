/** A place in a document. */
export interface Place {
  readonly path?: string;
  /** The line on which the text begins. */
  readonly line?: number;
  readonly page?: number;
}

/** A piece of material: text, and its place if the material names it. */
export interface Passage extends Place {
  readonly kind: "source" | "prose";
  readonly text: string;
  /** The number by which the prompt cites it. */
  readonly number?: number;
}

/** A statement that was already made from sources, with its evidence. */
export interface Claim {
  readonly kind: "claim";
  readonly text: string;
  readonly number?: number;
  readonly evidence: readonly Passage[];
}

/** Everything in a request from which it can be answered. */
export interface Material {
  readonly passages: readonly Passage[];
  readonly claims: readonly Claim[];
}

/** A sentence that is a part of the answer: an exact part of its passage. */
export interface Excerpt extends Place {
  readonly text: string;
  readonly number?: number;
}
