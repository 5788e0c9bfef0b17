import { z } from "zod";
import { OutputSchema } from "./output-schema.ts";
import { judgeBy } from "./own-check.ts";
import type { CalledTool, Check, Reading } from "./output-schema-options.ts";
import type { ChatRequest, Completion } from "../wire.ts";

/** A final answer in plain text, with a check: nothing is requested from the provider, nothing is parsed. */
export class TextAnswer extends OutputSchema {
  readonly #check: Check | undefined;

  constructor(check?: Check) {
    super(z.string(), { method: "jsonMode" });
    this.#check = check;
  }

  override get isText(): boolean {
    return true;
  }

  override withCheck(check: Check): TextAnswer {
    return new TextAnswer(check);
  }

  override ask(_: unknown, request: ChatRequest): ChatRequest {
    return request;
  }

  override async read(text: string, calls: readonly CalledTool[] = []): Promise<Reading> {
    if (calls.length > 0) return { kind: "tool-calls" };
    const problems = this.#check ? await judgeBy(this.#check, text) : [];
    if (problems.length > 0) return { kind: "off-schema", problem: problems.join("; ") };
    return { kind: "answer", value: text, json: text };
  }

  override toContent(completion: Completion): Completion {
    return completion;
  }
}
