import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { InterruptedError, Interruption } from "./interruption.ts";

function fakeProcess(pid: number) {
  const exits: number[] = [];
  const written: string[] = [];
  const stderr = Object.assign(new EventEmitter(), { write: (text: string) => written.push(text) });
  const emitter = Object.assign(new EventEmitter(), {
    pid,
    stdout: new EventEmitter(),
    stderr,
    exit: (code: number) => exits.push(code),
  });
  return { emitter, exits, written, process: emitter as unknown as NodeJS.Process };
}

test("leaves signals to the system until there is something to put in order", () => {
  const { emitter, exits, process } = fakeProcess(4711);
  {
    using interruption = new Interruption(process);
    expect(emitter.eventNames()).toEqual([]);
    const { signal } = interruption;
    expect([signal.aborted, interruption.signal]).toEqual([false, signal]);
    expect(emitter.listenerCount("SIGINT") + emitter.listenerCount("SIGTERM")).toBe(2);
    emitter.emit("SIGTERM", "SIGTERM");
    expect(signal.reason).toBeInstanceOf(InterruptedError);
    expect(signal.reason).toMatchObject({ exitCode: 143 });
    // The same Ctrl-C once more, as npx passes it on.
    emitter.emit("SIGINT", "SIGINT");
    expect(exits).toEqual([]);
  }
  expect(emitter.listenerCount("SIGINT")).toBe(0);
});

test("listens from the start as the first process of a container, which signals do not end", () => {
  const { emitter, process } = fakeProcess(1);
  using interruption = new Interruption(process);
  expect(emitter.listenerCount("SIGTERM")).toBe(1);
  emitter.emit("SIGTERM", "SIGTERM");
  expect(interruption.signal.aborted).toBe(true);
});

test("a closed pipe is no failure; an output that cannot be written is one, told without a stack", () => {
  const { emitter, exits, written, process } = fakeProcess(4711);
  using _ = new Interruption(process);
  emitter.stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  expect(exits).toEqual([]);
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
  });
  emitter.stdout.emit("error", full);
  emitter.stderr.emit("error", full);
  expect(written).toEqual([
    "The output cannot be written: ENOSPC: no space left on device, write.\n",
  ]);
  expect(exits).toEqual([1]);
});
