import { expect, test } from "vitest";
import { atLeast, atMost, noted, verdict } from "./section.ts";

test("shows each target beside its result", () => {
  const targets = [
    atMost("time", 0.76, 0.75),
    atMost("retries", 0, 0),
    atLeast("goodput", 0.97, 0.97),
    atLeast("served", 0.5, 1),
    noted("cost", 1.23456),
  ];
  expect(verdict(targets)).toBe(
    [
      "| figure  | target        | result |        |",
      "| ------- | ------------- | -----: | ------ |",
      "| time    | at most 0.75  |   0.76 | missed |",
      "| retries | at most 0     |      0 | met    |",
      "| goodput | at least 0.97 |   0.97 | met    |",
      "| served  | at least 1    |    0.5 | missed |",
      "| cost    |               |  1.235 |        |",
    ].join("\n"),
  );
});
