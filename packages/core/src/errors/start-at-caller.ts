import { fileURLToPath } from "node:url";

/** The folder of the packages, in the sources and where they are installed: `…/node_modules/@orchestra/`. */
const packages = /^(.*\/)core\/(?:src|dist)\//.exec(import.meta.url)?.[1];
const hidden = [
  ...(packages === undefined ? [] : [packages, fileURLToPath(packages)]),
  "/node_modules/@orchestra/",
  "/node_modules/@langchain/",
  "/node_modules/langchain/",
  "/node_modules/p-queue/",
  "/node_modules/p-retry/",
  "/node_modules/zod/",
  "node:",
  "<anonymous>",
];
/** The caller is below the frames of this package and of LangChain, which are more than Node.js keeps by default. */
const maxFrames = 100;

/**
 * Makes the stack of an error begin in the code that called Orchestra, which contains the mistake. If that
 * code is not known, as after a queue or in a generator of LangChain, the stack has only the message.
 */
export function startAtCaller(error: Error): void {
  const { stackTraceLimit } = Error;
  if (!(stackTraceLimit > 0)) return;
  Error.stackTraceLimit = Math.max(stackTraceLimit, maxFrames);
  Error.captureStackTrace(error, startAtCaller);
  Error.stackTraceLimit = stackTraceLimit;
  const { stack, message } = error;
  // Node.js or a debugger may have changed its form.
  const end = typeof stack === "string" ? stack.indexOf(message) + message.length : -1;
  if (stack === undefined || end < message.length) return;
  const frames = stack.slice(end).split("\n").filter(isFrame);
  const shown = frames.filter(isOfCaller).slice(0, stackTraceLimit);
  error.stack = [`${error.name}: ${message}`, ...shown].join("\n");
}

function isFrame(line: string): boolean {
  return line.startsWith("    at ");
}

/**
 * Whether a frame is of other code; a test beside a source is. Frames without a line and a column belong to
 * the language itself: `at async Promise.all (index 0)`.
 */
function isOfCaller(frame: string): boolean {
  const place = frame.replaceAll("\\", "/");
  if (!/:\d+:\d+\)?$/.test(place)) return false;
  return place.includes(".test.ts:") || !hidden.some((part) => place.includes(part));
}
