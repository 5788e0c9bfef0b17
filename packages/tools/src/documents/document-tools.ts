import type { StructuredToolInterface } from "@langchain/core/tools";
import type { Documents } from "./documents.ts";
import { readDocumentTool } from "./read-document-tool.ts";
import { searchDocumentsTool } from "./search-documents-tool.ts";

/** Both tools for one store, for an agent's `tools`: `search_documents` and `read_document`. */
export function documentTools(documents: Documents): StructuredToolInterface[] {
  return [searchDocumentsTool(documents), readDocumentTool(documents)];
}
