import "@orchestra/core/extend"; // First: it checks the version of Node.js.
export type { DocumentKind } from "./document-kind.ts";
export type {
  Awaitable,
  Citation,
  DocumentCollection,
  DocumentInfo,
  Documents,
  DocumentText,
  HybridDocuments,
  Location,
  Passage,
  ReadRange,
  SearchDocumentsOptions,
  SkippedFile,
} from "./documents.ts";
export { describeSkipped } from "./describe-skipped.ts";
export { DocumentsError } from "./documents-error.ts";
export {
  openDocuments,
  type DocumentsProgress,
  type OpenDocumentsOptions,
} from "./open-documents.ts";
export type { HybridModels } from "./hybrid/hybrid-models.ts";
export type { EmbeddingProgress } from "./hybrid/passage-vectors.ts";
export { withHybridSearch, type HybridSearchOptions } from "./hybrid/with-hybrid-search.ts";
export { documentTools } from "./document-tools.ts";
export { readDocumentTool } from "./read-document-tool.ts";
export { searchDocumentsTool } from "./search-documents-tool.ts";
