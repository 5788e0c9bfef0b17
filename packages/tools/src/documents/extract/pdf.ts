import { SourceText } from "../source-text.ts";
import type { Block, Extracted } from "./extracted.ts";
import { paragraphsOf, titleFromLine } from "./text.ts";

/** PDF.js has several megabytes; it is loaded only for a folder with a PDF. */
export async function loadPdf() {
  const unpdf = await import("unpdf");
  await unpdf.getResolvedPDFJS();
  return unpdf;
}

/**
 * Text of a PDF, page by page, with the line breaks of the layout.
 *
 * @throws the error of PDF.js for a broken or encrypted file, and an error for a file without text, such as a scan.
 */
export async function extractPdf(
  bytes: Uint8Array,
  maxPages: number,
): Promise<Extracted | { reason: string }> {
  const { extractText, getDocumentProxy, getMeta } = await loadPdf();
  const document = await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 });
  try {
    if (document.numPages > maxPages) {
      return { reason: `too long: ${document.numPages} pages, more than maxPages (${maxPages})` };
    }
    const { text: pages } = await extractText(document);
    const source = SourceText.paged(pages);
    const blocks = blocksOf(pages);
    if (blocks.length === 0) throw new Error("it holds no text; scanned pages need OCR first");
    return {
      source,
      title: titleOf(await getMeta(document)) ?? titleFromLine(source.text),
      blocks,
    };
  } finally {
    await document.loadingTask.destroy();
  }
}

function blocksOf(pages: readonly string[]): Block[] {
  let offset = 0;
  return pages.flatMap((page) => {
    const pageOffset = offset;
    offset += page.length + 1;
    return paragraphsOf(page).map((block, index) => ({
      ...block,
      start: pageOffset + block.start,
      end: pageOffset + block.end,
      startsPage: index === 0,
    }));
  });
}

function titleOf(meta: { info: Record<string, unknown> }): string | undefined {
  const title = meta.info["Title"];
  return typeof title === "string" ? titleFromLine(title) : undefined;
}
