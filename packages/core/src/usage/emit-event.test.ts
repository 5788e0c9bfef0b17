import { expect, test } from "vitest";
import { createEmitEvent } from "./emit-event.ts";
import type { OrchestraEvent } from "./events.ts";

const event: OrchestraEvent = {
  type: "agent-start",
  runId: "r",
  agentId: "a",
  role: "researcher",
  model: "m",
};

test("hands an event to all listeners in order, and last to the run's own", () => {
  const order: string[] = [];
  const emit = createEmitEvent(
    [(given) => order.push(`a ${given.type}`), () => order.push("b")],
    () => order.push("failure"),
  );
  emit(event, () => order.push("run"));
  emit(event);
  expect(order).toEqual(["a agent-start", "b", "run", "a agent-start", "b"]);
});

test("reports what a listener's promise rejects with", async () => {
  const failures: unknown[] = [];
  const reject = (): unknown => Promise.reject(new Error("later"));
  const emit = createEmitEvent([reject], (error) => failures.push((error as Error).message));
  emit(event, reject);
  await Promise.resolve();
  expect(failures).toEqual(["later", "later"]);
});

test("reports what a listener throws, and calls the others all the same", () => {
  const failures: unknown[] = [];
  const order: string[] = [];
  const fail = (name: string) => () => {
    throw new Error(name);
  };
  const emit = createEmitEvent([fail("first"), () => order.push("second")], (error, given) =>
    failures.push([(error as Error).message, given]),
  );
  expect(() => emit(event, fail("run"))).not.toThrow();
  expect(order).toEqual(["second"]);
  expect(failures).toEqual([
    ["first", event],
    ["run", event],
  ]);
});
