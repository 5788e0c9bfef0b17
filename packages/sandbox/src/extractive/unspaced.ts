/** Chinese and Japanese, which do not separate words by spaces. */
const RUN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\u3005]+/gu;

/** Longer pieces are found only by the words of the dictionary. */
const MAX_PIECE_LENGTH = 4;

/** Asks for the degree of the adjective after it; dictionaries treat both as one word: 多重. */
const HOW_MUCH = /有?多(?=[少久重大长高远深宽快])/u;

const STOP_WORDS = new Set(
  (
    "的 了 是 在 有 和 与 及 或 吗 呢 吧 啊 这 那 这个 那个 什么 怎么 怎样 怎么样 如何 为什么 为何 多少 多 几 哪 哪里 哪个 哪些 谁 何 何时 " +
    "请 请问 告诉 我 你 他 她 它 我们 你们 他们 把 被 从 到 对 中 上 下 里 会 能 可以 要 应该 需要 就 也 都 还 又 很 不 没 没有 之 其 于 以 " +
    "当 时 时候 会 发生 说明 回答 问题 文档 根据 关于 " +
    "何 誰 何時 何処 時 場合 方 事 物 人 中 為 教 説明 質問 回答 文書 資料 起"
  ).split(" "),
);

let segmenter: Intl.Segmenter | undefined;

/** The parts of a word that are Chinese or Japanese, and the parts that are not. */
export function splitByScript(word: string): { unspaced: string[]; others: string[] } {
  const unspaced = word.match(RUN) ?? [];
  return { unspaced, others: unspaced.length === 0 ? [word] : word.split(RUN).filter(Boolean) };
}

/** An ideograph with the ending of its form: 鳴り and 鳴らす have 鳴 in common. */
const WITH_ENDING = /^(\p{Script=Han}+)\p{Script=Hiragana}+$/u;

/** The content words of a run, without endings. Words only in hiragana are usually grammar. */
export function contentWords(run: string): string[] {
  return run
    .split(HOW_MUCH)
    .flatMap(wordsOf)
    .map((word) => word.replace(WITH_ENDING, "$1"))
    .filter((word) => !STOP_WORDS.has(word) && !/^\p{Script=Hiragana}+$/u.test(word));
}

/** All terms by which a run can be found: its words, and its short pieces, because dictionaries split differently. */
export function unspacedKeys(run: string): string[] {
  const characters = Array.from(run);
  const pieces = characters.flatMap((_, start) =>
    Array.from({ length: Math.min(MAX_PIECE_LENGTH, characters.length - start) }, (_, length) =>
      characters.slice(start, start + length + 1).join(""),
    ),
  );
  return [...wordsOf(run), ...pieces];
}

/** The words of a run; a sequence in katakana is one word, which dictionaries may split. */
function wordsOf(run: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  const parts = run.match(/[\p{Script=Katakana}\u30fc]+|[^\p{Script=Katakana}\u30fc]+/gu) ?? [];
  return parts.flatMap((part) =>
    /^[\p{Script=Katakana}\u30fc]/u.test(part)
      ? [part]
      : Array.from(segmenter?.segment(part) ?? [], ({ segment }) => segment),
  );
}
