import { describe, expect, it } from "vitest";
import { stem } from "./stem.ts";

describe("stem", () => {
  it.each([
    ["retries", "retry", "retried", "retrying"],
    ["limits", "limited", "limiting", "limiter", "limitation"],
    ["stopped", "stopping", "stops"],
    ["connections", "connection", "connect", "connected"],
    ["configuration", "configure", "configured"],
    ["installs", "installation", "installed"],
    ["charges", "charging", "charged", "charger"],
    ["document", "documentation", "documents"],
  ])("brings %s and its kin together", (...words) => {
    expect(new Set(words.map(stem)).size).toBe(1);
  });

  it.each([
    ["station", "state"],
    ["queue", "query"],
    ["france", "franchise"],
  ])("does not confuse %s and %s", (one, other) => {
    expect(stem(one)).not.toBe(stem(other));
  });

  it("leaves short words, numbers and other scripts alone", () => {
    expect(["gas", "v2", "größe", "12"].map(stem)).toEqual(["gas", "v2", "größe", "12"]);
  });
});
