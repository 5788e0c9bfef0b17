/*
 * The parts of a Markdown text whose brackets have another meaning. Each pattern reads any text in linear
 * time.
 */

const fence = "^ {0,3}(`{3,}|~{3,})[^`~\\n]*\\n[^]*?(?:^ {0,3}\\1[`~]*[^\\S\\n]*$|(?![^]))";
const inlineCode = "```[^`\\n]+```|``(?:[^`\\n]|`(?!`))+``|`[^`\\n]+`";
/** `[text](address)`, with brackets in the text, and parentheses in the address. */
const link = String.raw`!?\[(?:[^[\]\n]|\[[^[\]\n]*\])*\]\((?:[^()\n]|\([^()\n]*\))*\)`;
/** `[1]: address`, and footnotes: `[^1]: text`. */
const definition = String.raw`^ {0,3}\[[^[\]\n]{1,100}\]:[^\n]*$`;
const address = String.raw`\bhttps?:\/\/[^\s<>［【〔]+`;
const tag = String.raw`<[a-z/!][^<>\n]*>`;

const leftAlone = new RegExp([fence, inlineCode, link, definition, address, tag].join("|"), "gim");

/** Changes a text, except its code, its links and its HTML. */
export function replaceOutside(text: string, replace: (part: string) => string): string {
  let read = "";
  let end = 0;
  for (const { 0: kept, index } of text.matchAll(leftAlone)) {
    read += replace(text.slice(end, index)) + kept;
    end = index + kept.length;
  }
  return read + replace(text.slice(end));
}
