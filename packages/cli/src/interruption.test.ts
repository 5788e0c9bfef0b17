import { EventEmitter } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
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
  return { emitter, stderr, exits, written, process: emitter as unknown as NodeJS.Process };
}

test("does not handle signals until its abort signal is read, nor after it is disposed of", () => {
  const { emitter, exits, process } = fakeProcess(4711);
  {
    using interruption = new Interruption(process);
    expect(emitter.eventNames()).toEqual([]);
    const { signal } = interruption;
    expect([signal.aborted, interruption.signal]).toEqual([false, signal]);
    expect(emitter.eventNames()).toEqual(["SIGINT", "SIGTERM", "SIGHUP"]);
    emitter.emit("SIGTERM", "SIGTERM");
    expect(signal.reason).toBeInstanceOf(InterruptedError);
    expect(signal.reason).toMatchObject({ exitCode: 143 });
    // npx forwards the same Ctrl-C again.
    emitter.emit("SIGINT", "SIGINT");
    expect(exits).toEqual([]);
  }
  expect(emitter.eventNames()).toEqual([]);
});

test("handles signals from the start as process 1 of a container, which they would not end", () => {
  const { emitter, process } = fakeProcess(1);
  using interruption = new Interruption(process);
  expect(emitter.listenerCount("SIGTERM")).toBe(1);
  emitter.emit("SIGTERM", "SIGTERM");
  expect(interruption.signal.aborted).toBe(true);
});

test("ends a command three seconds after the signal, unless it has its own grace time", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const stuck = fakeProcess(4711);
  const draining = fakeProcess(4712);
  using one = new Interruption(stuck.process);
  using other = new Interruption(draining.process);
  expect([one.signal.aborted, other.drainSignal.aborted]).toEqual([false, false]);
  for (const { emitter } of [stuck, draining]) emitter.emit("SIGHUP", "SIGHUP");
  vi.advanceTimersByTime(2999);
  expect(stuck.exits).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(stuck).toMatchObject({ exits: [129], written: ["Stopped: the terminal was closed\n"] });
  expect(draining).toMatchObject({ exits: [], written: [] });
});

test("ignores a closed pipe or terminal, and exits with 1 and one message after any other write error", () => {
  const { emitter, stderr, exits, written, process } = fakeProcess(4711);
  using _ = new Interruption(process);
  emitter.stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  Object.assign(stderr, { isTTY: true });
  stderr.emit("error", Object.assign(new Error("write EIO"), { code: "EIO" }));
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
