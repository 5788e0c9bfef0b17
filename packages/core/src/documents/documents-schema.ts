import { withMethods } from "../input/schemas.ts";

/** A store of documents, such as `openDocuments()` returns. */
export const documentsSchema = withMethods(
  "documents, such as openDocuments() returns",
  "search",
  "read",
);
