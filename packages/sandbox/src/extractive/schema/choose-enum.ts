import { stem } from "../stem.ts";
import type { Finding } from "../finding.ts";
import { wordsOf } from "./meaning.ts";

const GOOD =
  /^(?:approved?|accept(?:ed)?|pass(?:ed)?|valid|supported|yes|ok|correct|true|grounded|sufficient|completed?|success|succeeded|answered|found|confirmed|verified|entailed|relevant|proceed|positive|high)$/;
const BAD =
  /^(?:reject(?:ed)?|fail(?:ed|ure)?|invalid|unsupported|no|not .*|incorrect|false|ungrounded|insufficient|incomplete|none|nothing|contradicted|refuted|unanswered|unknown|irrelevant|abort|negative|low)$/;
const WORSE = /^(?:blocking|blocker|critical|major|severe|error|high|fatal)$/;

/** The value of an enumeration that matches the finding: a verdict by whether anything was found, otherwise by its words. */
export function chooseEnum(values: readonly unknown[], finding: Finding): unknown {
  const named = values.map((value) => ({ value, words: wordsOf(String(value)) }));
  const pick = (pattern: RegExp) => named.find(({ words }) => pattern.test(words))?.value;
  const good = pick(GOOD);
  const bad = pick(BAD);
  if (finding.isFound && good !== undefined) return good;
  if (!finding.isFound && bad !== undefined) return bad;
  if (!finding.isFound && good !== undefined) {
    return values.findLast((value) => value !== good) ?? good;
  }
  if (!finding.isFound) return pick(WORSE) ?? values[0];
  const keys = new Set(finding.terms.map(({ key }) => key));
  return (
    named.find(({ words }) => words.split(" ").some((word) => keys.has(stem(word))))?.value ??
    values[0]
  );
}
