import { describe, expect, it } from "vitest";
import { createFaultDesk } from "./fault-desk.ts";
import type { ScriptedFault } from "./fault.ts";
import { FAULT_NAMES, parseFaultName } from "./fault-models.ts";

const target = (asked: string, route: "openrouter" | "gateway" = "openrouter") => ({
  asked,
  served: asked.includes("/") ? asked : `openai/${asked}`,
  route,
});

const draw = (seed: number) => {
  const desk = createFaultDesk(seed);
  desk.order({ fault: "reset", probability: 0.3 });
  return Array.from({ length: 200 }, () => desk.next(target("a/b")) !== undefined);
};

describe("createFaultDesk", () => {
  it("lets the first requests succeed, and then fails the given number of requests", () => {
    const desk = createFaultDesk(1);
    desk.order({ fault: "reset", model: "a/b", after: 1, times: 2 });
    const struck = Array.from({ length: 5 }, () => desk.next(target("a/b"))?.fault);
    expect(struck).toEqual([undefined, "reset", "reset", undefined, undefined]);
    expect(desk.next(target("a/c"))).toBeUndefined();
  });

  it("refuses a status that is no error", () => {
    expect(() => createFaultDesk(1).order({ fault: "status", status: 200 })).toThrow(RangeError);
  });

  it.each([
    [{ fault: "timeout" }, 'There is no fault "timeout"'],
    [{ modle: "openai/gpt-4o", fault: "hang" }, 'A fault has no field "modle"'],
    [{}, "There is no fault undefined"],
    [{ fault: "slow", until: 500 }, "A fault's until is a promise, not 500"],
  ])("refuses what would strike nothing: %j", (script, says) => {
    expect(() => createFaultDesk(1).order(script as ScriptedFault)).toThrow(says);
  });

  it("passes from an order that is used up to the next", () => {
    const desk = createFaultDesk(1);
    desk.order({ fault: "reset", times: 1 }, { fault: "hang", times: 1 });
    expect([1, 2, 3].map(() => desk.next(target("a/b"))?.fault)).toEqual([
      "reset",
      "hang",
      undefined,
    ]);
  });

  it("draws chance from the seed, alone for each order", () => {
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    const hits = draw(3).filter(Boolean).length;
    expect(hits).toBeGreaterThan(35);
    expect(hits).toBeLessThan(85);
  });

  it("does not fail the gateway's requests if the fault is for OpenRouter's", () => {
    const desk = createFaultDesk(1);
    desk.order({ fault: "reset", model: "openai/gpt-4o" });
    expect(desk.next(target("gpt-4o", "gateway"))).toBeUndefined();
    expect(desk.next(target("openai/gpt-4o"))?.fault).toBe("reset");
    desk.clear();
    desk.order({ fault: "hang", route: "gateway" });
    expect(desk.next(target("gpt-4o", "gateway"))?.fault).toBe("hang");
    expect(desk.next(target("openai/gpt-4o"))).toBeUndefined();
  });
});

describe("parseFaultName", () => {
  it("knows every name, any status of an error and any delay", () => {
    expect(FAULT_NAMES.map((name) => parseFaultName(name)?.fault)).toEqual(FAULT_NAMES);
    expect(parseFaultName("status-429")).toEqual({ fault: "status", status: 429 });
    expect(parseFaultName("slow-250")).toEqual({ fault: "slow", delayMs: 250 });
    expect(parseFaultName("status-200")).toBeUndefined();
    expect(parseFaultName("extractive")).toBeUndefined();
  });
});
