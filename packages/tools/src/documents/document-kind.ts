import { basename, extname } from "node:path";

export type DocumentKind = "markdown" | "text" | "html" | "pdf";

const kinds: Readonly<Record<string, DocumentKind>> = {
  ".md": "markdown",
  ".mdx": "markdown",
  ".markdown": "markdown",
  ".txt": "text",
  ".rst": "text",
  ".adoc": "text",
  ".html": "html",
  ".htm": "html",
  ".pdf": "pdf",
};

/** Documents in formats that are not supported. Data, code and images are not documents. */
const otherFormats = new Set(
  ".doc .docx .odt .rtf .pages .epub .ppt .pptx .odp .xls .xlsx .ods".split(" "),
);

const bareNames = new Set(["README", "LICENSE", "LICENCE", "CHANGELOG", "NOTICE"]);

/** The expected kinds, for errors and messages. */
export const readableFiles =
  "Markdown (.md .mdx .markdown), text (.txt .rst .adoc, README, LICENSE, CHANGELOG, NOTICE), HTML (.html .htm), PDF (.pdf)";

/** The kind of document by the file name, or `undefined` for other files. */
export function documentKind(path: string): DocumentKind | undefined {
  const extension = extname(path).toLowerCase();
  if (extension === "") return bareNames.has(basename(path).toUpperCase()) ? "text" : undefined;
  return kinds[extension];
}

/** Whether a file name is that of a document in an unsupported format, such as one of Word. */
export function isOtherDocument(path: string): boolean {
  return otherFormats.has(extname(path).toLowerCase());
}
