import { schemas } from "@orchestra/core/extend";

/** A store of documents, such as `openDocuments()` returns. */
export const documentsSchema = schemas.withMethods(
  "documents, such as openDocuments() returns",
  "search",
  "read",
);
