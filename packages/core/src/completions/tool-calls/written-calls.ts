import { isObject, type MutableFields } from "../../input/is-object.ts";
import { isTooComplex } from "../reading/json-shape.ts";
import type { ChatRequest, Completion } from "../wire.ts";

/** A call as a model writes it: its name, and its arguments as JSON. */
type Written = readonly [name: unknown, args: unknown];

/** The notations of models, by the mark at the beginning of a text, and the text around a call. */
const notations: readonly (readonly [
  start: RegExp,
  each: RegExp,
  read: (m: string[]) => unknown,
])[] = [
  [/^<tool_call>/, /<tool_call>([^]*?)(?:<\/tool_call>|$)/g, ([, json]) => parse(json)],
  [
    /^<\|(?:channel|start)\|>/,
    // Bounded, so that a text without an end is scanned once.
    /<\|channel\|>(?:commentary|analysis)? to=functions\.([\w-]{1,256})(?![\w-])[^]{0,200}?<\|message\|>([^]*?)(?:<\|call\|>|$)/g,
    named,
  ],
  [/^<function=/, /<function=([\w-]{1,256})>([^]*?)(?:<\/function>|$)/g, named],
  [/^\[TOOL_CALLS\]/, /\[TOOL_CALLS\]([^]*)/g, ([, json]) => parse(json)],
  [/^<\|python_tag\|>/, /<\|python_tag\|>([^]*?)(?:<\|eo[mt]_id\|>|$)/g, ([, json]) => parse(json)],
];

/**
 * Reads an answer whose whole text is tool calls in a model's own notation, which servers without
 * the model's parser pass on as text. A text with other content, or with the name of a tool that
 * was not offered, is not changed. Changes the completion, which has just been read.
 */
export function readWrittenCalls({ choices }: Completion, { tools = [] }: ChatRequest): void {
  const offered = new Set(tools.map((tool) => ("function" in tool ? tool.function.name : "")));
  for (const choice of choices ?? []) {
    const message = choice?.message as unknown as MutableFields | undefined;
    if (typeof message?.["content"] !== "string" || message["tool_calls"]) continue;
    const calls = callsOf(message["content"].trim());
    if (calls.length === 0 || !calls.every(([name]) => offered.has(name as string))) continue;
    message["content"] = null;
    message["tool_calls"] = calls.map(([name, args]) => ({
      id: "",
      type: "function",
      function: { name, arguments: JSON.stringify(args) },
    }));
    (choice as unknown as MutableFields)["finish_reason"] = "tool_calls";
  }
}

/** Longer texts, and texts with more calls, are not changed. */
const maxLength = 2 ** 19;
const maxCalls = 1000;

function callsOf(text: string): readonly Written[] {
  const notation = notations.find(([start]) => start.test(text));
  if (!notation || text.length > maxLength || isTooComplex(text)) return [];
  const [, each, read] = notation;
  const matches: RegExpExecArray[] = [];
  for (const match of text.matchAll(each)) {
    matches.push(match);
    if (matches.length > maxCalls) return [];
  }
  if (text.replaceAll(each, "").trim() !== "") return [];
  const calls = matches.flatMap((match) => read(match)).map(written);
  return calls.every(([, args]) => isObject(args)) ? calls : [];
}

function named([, name, json]: string[]): unknown {
  return { name, arguments: parse(json) };
}

function written(value: unknown): Written {
  if (!isObject(value)) return [undefined, undefined];
  const { name, arguments: args, parameters = {} } = value;
  return [name, "arguments" in value ? args : parameters];
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
