import type { DocumentKind } from "./document-kind.ts";
import type { Extracted } from "./extract/extracted.ts";

/** A document in the collection. */
export interface SourceDocument extends Omit<Extracted, "blocks" | "title"> {
  path: string;
  kind: DocumentKind;
  title: string;
}
