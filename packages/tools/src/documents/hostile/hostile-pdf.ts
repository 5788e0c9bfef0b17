import { deflateSync } from "node:zlib";

type PdfObject = string | { readonly dictionary: string; readonly stream: Uint8Array };

/** A PDF of the given objects, numbered from 1; the first is the catalog. */
export function pdfOf(objects: readonly PdfObject[]): Uint8Array {
  const parts: Buffer[] = [Buffer.from("%PDF-1.7\n")];
  const offsets: number[] = [];
  let length = parts[0]?.length ?? 0;
  const push = (part: Buffer) => {
    parts.push(part);
    length += part.length;
  };
  objects.forEach((object, index) => {
    offsets.push(length);
    push(Buffer.from(`${index + 1} 0 obj\n`));
    if (typeof object === "string") push(Buffer.from(object));
    else {
      push(Buffer.from(`<< /Length ${object.stream.length} ${object.dictionary} >>\nstream\n`));
      push(Buffer.from(object.stream));
      push(Buffer.from("\nendstream"));
    }
    push(Buffer.from("\nendobj\n"));
  });
  const start = length;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  push(Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`));
  push(
    Buffer.from(
      `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

const font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
const page = (more = "") =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> ${more} >> >>`;
const catalog = "<< /Type /Catalog /Pages 2 0 R >>";
const pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";

/** A PDF of one page with this content. */
export function pdfWithContent(stream: Uint8Array, filters = ""): Uint8Array {
  const dictionary = filters === "" ? "" : `/Filter [${filters}]`;
  return pdfOf([catalog, pages, page(), { dictionary, stream }, font]);
}

export const shows = (text: string) => `BT /F1 12 Tf 72 720 Td (${text}) Tj ET\n`;

/** A PDF whose only page is listed many times. */
export function pdfWithRepeatedPage(times: number): Uint8Array {
  const kids = "3 0 R ".repeat(times);
  const stream = Buffer.from(shows("again"));
  return pdfOf([
    catalog,
    `<< /Type /Pages /Kids [${kids}] /Count ${times} >>`,
    page(),
    { dictionary: "", stream },
    font,
  ]);
}

/** A PDF with a small stream that decompresses to many megabytes. */
export function pdfBomb(bytes: number, layers: number): Uint8Array {
  let stream: Uint8Array = Buffer.alloc(bytes, " ");
  for (let layer = 0; layer < layers; layer += 1) stream = deflateSync(stream, { level: 9 });
  return pdfWithContent(stream, "/FlateDecode ".repeat(layers));
}

/** A PDF whose pages are their own children. */
export function pdfWithCycle(): Uint8Array {
  return pdfOf([catalog, "<< /Type /Pages /Kids [2 0 R] /Count 1000000000 /Parent 2 0 R >>"]);
}

/** A PDF whose form draws itself. */
export function pdfWithRecursiveForm(): Uint8Array {
  const form =
    "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>";
  return pdfOf([
    catalog,
    pages,
    page("/XObject << /X 6 0 R >>"),
    { dictionary: "", stream: Buffer.from("/X Do\n".repeat(100)) },
    font,
    { dictionary: form, stream: Buffer.from("/X Do /X Do\n") },
  ]);
}
