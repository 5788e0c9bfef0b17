import type { DocumentKind } from "./document-kind.ts";
import type { Extracted } from "./extract/extracted.ts";

/** A document as the collection holds it. */
export interface SourceDocument extends Omit<Extracted, "blocks" | "title"> {
  path: string;
  kind: DocumentKind;
  title: string;
}
