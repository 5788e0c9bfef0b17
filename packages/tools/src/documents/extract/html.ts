import { Parser } from "htmlparser2";
import { SourceText } from "../source-text.ts";
import type { Block, Extracted } from "./extracted.ts";

/** Elements whose content is not text for readers. */
const hidden = new Set(["script", "style", "template", "svg", "title", "noscript", "object"]);
/** Elements around a page's text rather than part of it: quotable, but not searched. */
const surroundings = new Set(["nav", "footer"]);
/** Inline elements, which do not end a paragraph. */
const inline = new Set(
  (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd label mark q rp rt ruby s samp " +
    "small span strike strong sub sup time tt u var wbr"
  ).split(" "),
);
const heading = /^h[1-6]$/;

/**
 * Text of an HTML page with tags removed and entities decoded. Every line break of the source is kept, also those
 * inside tags, comments and scripts, so that a line of the text has the number that it has in the file.
 */
export function extractHtml(html: string): Extracted {
  const writer = new HtmlTextWriter(html);
  const parser = new Parser({
    onopentag: (name) => writer.open(name),
    onclosetag: (name) => writer.close(name),
    ontext: (text) => writer.write(text, parser.startIndex, parser.endIndex + 1),
  });
  parser.end(html);
  return writer.finish();
}

class HtmlTextWriter {
  readonly #html: string;
  /** The text before the open block, in pieces: a string that is extended and read in turn is copied each time. */
  readonly #closed: string[] = [];
  #closedLength = 0;
  /** The text since the last block's end. */
  #open = "";
  /** How much of the source was processed. */
  #sourceOffset = 0;
  /** The first line break from this position on, or -1. */
  #lineBreak: number;
  #title = "";
  #hiddenIn: string[] = [];
  #noiseDepth = 0;
  #preDepth = 0;
  #headingLevel = 0;
  #blocks: Block[] = [];

  constructor(html: string) {
    this.#html = html;
    this.#lineBreak = html.indexOf("\n");
  }

  open(name: string): void {
    if (hidden.has(name)) this.#hiddenIn.push(name);
    if (inline.has(name)) return;
    this.#endBlock();
    if (surroundings.has(name)) this.#noiseDepth += 1;
    if (name === "pre") this.#preDepth += 1;
    if (heading.test(name)) this.#headingLevel = Number(name.slice(1));
  }

  close(name: string): void {
    if (this.#hiddenIn.at(-1) === name) this.#hiddenIn.pop();
    if (inline.has(name)) return;
    this.#endBlock();
    if (surroundings.has(name)) this.#noiseDepth -= 1;
    if (name === "pre") this.#preDepth -= 1;
    if (heading.test(name)) this.#headingLevel = 0;
  }

  write(text: string, start: number, end: number): void {
    if (this.#hiddenIn.length > 0) {
      if (this.#hiddenIn[0] === "title") this.#title += text;
      return;
    }
    this.#keepLineBreaks(start);
    this.#open += this.#tidy(text, start, end);
    this.#sourceOffset = end;
  }

  finish(): Extracted {
    this.#keepLineBreaks(this.#html.length);
    this.#endBlock();
    const firstHeading = this.#blocks.find((block) => block.role === "heading")?.heading;
    const title = this.#title.replaceAll(/\s+/g, " ").trim();
    return {
      source: SourceText.unpaged(this.#closed.join("")),
      title: title || firstHeading,
      blocks: this.#blocks,
    };
  }

  /** Keeps the line breaks of the removed source between the last text and `offset`. */
  #keepLineBreaks(offset: number): void {
    for (let at = this.#nextLineBreak(); at !== -1 && at < offset; at = this.#nextLineBreak()) {
      this.#open += "\n";
      this.#sourceOffset = at + 1;
    }
    this.#sourceOffset = Math.max(this.#sourceOffset, offset);
  }

  /** Searched once: a page without line breaks would be searched to its end for each of its texts. */
  #nextLineBreak(): number {
    if (this.#lineBreak !== -1 && this.#lineBreak < this.#sourceOffset) {
      this.#lineBreak = this.#html.indexOf("\n", this.#sourceOffset);
    }
    return this.#lineBreak;
  }

  #tidy(text: string, start: number, end: number): string {
    // A line break that the source writes as an entity is not a line of the file.
    const isEntity = text !== this.#html.slice(start, end);
    if (isEntity) return text.replaceAll("\n", " ");
    return this.#preDepth > 0 ? text : text.replaceAll(/[ \t\f]+/g, " ");
  }

  #endBlock(): void {
    const content = this.#open.trim();
    if (content !== "") {
      const start = this.#closedLength + this.#open.indexOf(content);
      this.#blocks.push({ start, end: start + content.length, ...this.#roleOf(content) });
      // Two cells or items on one source line would otherwise run into one word.
      if (!/\s$/.test(this.#open)) this.#open += " ";
    }
    this.#closed.push(this.#open);
    this.#closedLength += this.#open.length;
    this.#open = "";
  }

  #roleOf(content: string): Pick<Block, "role" | "level" | "heading"> {
    if (this.#noiseDepth > 0) return { role: "noise" };
    if (this.#headingLevel === 0) return { role: "text" };
    const heading = content.replaceAll(/\s+/g, " ");
    return { role: "heading", level: this.#headingLevel, heading };
  }
}
