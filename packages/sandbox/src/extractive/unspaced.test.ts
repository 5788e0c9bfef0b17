import { describe, expect, it } from "vitest";
import { FOUND_NOTHING } from "./compose.ts";
import { ask } from "./test-material.ts";

const chinese =
  "瓦恩城的铜钟铸造于1623年，由工匠李明完成。这口铜钟重312公斤。每天中午敲响一次。灯塔建于1871年，高42米。灯塔由三名看守人轮流值班。";
const japanese =
  "ヴァルンの銅の鐘は1623年に鋳造されました。鐘の重さは312キログラムです。毎日正午に一度鳴らされます。灯台は1871年に建てられました。灯台では三人の守り手が働きます。";

const answerTo = (task: string, material: string) =>
  ask({ messages: [{ role: "user", content: `## Task\n${task}\n\n## Material\n${material}` }] })
    .content;

describe("Chinese and Japanese", () => {
  it.each([
    ["铜钟有多重？", chinese, "312公斤"],
    ["灯塔是什么时候建的？", chinese, "1871年"],
    ["谁铸造了铜钟？", chinese, "李明"],
    ["灯塔有几名看守人？", chinese, "三名"],
    ["鐘の重さはどのくらいですか？", japanese, "312キログラム"],
    ["灯台はいつ建てられましたか？", japanese, "1871年"],
    ["鐘はいつ鳴りますか？", japanese, "一度鳴らされます"],
    ["灯台では何人が働いていますか？", japanese, "三人"],
  ])("questions are answered: %s", (task, material, answer) => {
    expect(answerTo(task, material)).toContain(answer);
  });

  it.each([
    ["法国的首都是哪里？", chinese],
    ["フランスの首都はどこですか？", japanese],
  ])("questions without an answer find nothing: %s", (task, material) => {
    expect(answerTo(task, material)).toBe(FOUND_NOTHING);
  });
});
