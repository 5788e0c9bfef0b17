import { withMethods } from "@orchestra/core/input";

/** A store of documents, such as `openDocuments()` returns. */
export const documentsSchema = withMethods(
  "documents, such as openDocuments() returns",
  "search",
  "read",
);
