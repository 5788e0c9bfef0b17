import { createRandom, type Random } from "../random.ts";
import type { Fault, ScriptedFault } from "./fault.ts";
import { FAULT_NAMES, faultOfModelName } from "./fault-models.ts";

/** The request that may get a fault. */
export interface FaultTarget {
  readonly asked: string;
  readonly served: string;
  readonly route: "openrouter" | "gateway";
}

interface Order {
  readonly script: ScriptedFault;
  readonly random: Random;
  matched: number;
  applied: number;
}

/** Stores orders for faults and returns the one for a request. */
export interface FaultDesk {
  order(...scripts: readonly ScriptedFault[]): void;
  /** Removes all orders. */
  clear(): void;
  /** The first order that applies; orders after it do not count the request. */
  next(target: FaultTarget): Fault | undefined;
}

/** A desk without orders. Each order has its own random numbers, so that orders do not affect each other. */
export function createFaultDesk(seed: number): FaultDesk {
  let orders: Order[] = [];
  return {
    order(...scripts) {
      for (const script of scripts) {
        checkScript(script);
        const random = createRandom(seed + 7919 * (orders.length + 1));
        orders.push({ script, random, matched: 0, applied: 0 });
      }
    },
    clear() {
      orders = [];
    },
    next(target) {
      const named = faultOfModelName(target.asked) ?? faultOfModelName(target.served);
      if (named !== undefined) return named;
      return orders.find((order) => matches(order.script, target) && applies(order))?.script;
    },
  };
}

const fields = new Set(
  "fault model route times after probability status body retryAfterSeconds headers delayMs until afterChunks".split(
    " ",
  ),
);

/** An unknown fault would never apply, and a test with it would prove nothing. */
function checkScript(script: ScriptedFault): void {
  const { fault } = script;
  if (!["status", "slow", ...FAULT_NAMES].includes(fault)) {
    throw new RangeError(
      `There is no fault ${JSON.stringify(fault)}: npx @orchestra/sandbox --faults lists them (in a clone: npx -y pnpm@12 sandbox --faults)`,
    );
  }
  const unknown = Object.keys(script).find((field) => !fields.has(field));
  if (unknown !== undefined) {
    throw new RangeError(`A fault has no field "${unknown}": it has ${[...fields].join(", ")}`);
  }
  if (script.fault === "slow" && !(script.until === undefined || isPromise(script.until))) {
    throw new RangeError(`A fault's until is a promise, not ${JSON.stringify(script.until)}`);
  }
  if (script.fault !== "status") return;
  const { status } = script;
  if (Number.isInteger(status) && status >= 400 && status <= 599) return;
  throw new RangeError(`A fault's status is from 400 to 599, not ${status}`);
}

function isPromise(value: unknown): boolean {
  return typeof (value as Partial<Promise<unknown>> | null)?.then === "function";
}

function matches({ model, route }: ScriptedFault, target: FaultTarget): boolean {
  if (route !== undefined && route !== target.route) return false;
  if (model === undefined || model === target.asked) return true;
  // On the gateway, "gpt-4o" does not use OpenRouter but the provider itself: a fault of one does not affect the other.
  return target.route === "openrouter" && model === target.served;
}

function applies(order: Order): boolean {
  const { after = 0, times = Infinity, probability = 1 } = order.script;
  order.matched += 1;
  if (order.matched <= after || order.applied >= times) return false;
  if (probability < 1 && order.random() >= probability) return false;
  order.applied += 1;
  return true;
}
