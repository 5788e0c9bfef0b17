import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";

/** One way to make a call, whole and streamed. */
export interface Client {
  readonly name: string;
  readonly call: () => Promise<unknown>;
  /** Reads a stream to its end. */
  readonly stream: () => Promise<unknown>;
}

export const names = {
  fetch: "fetch",
  openai: "openai",
  chatOpenAI: "ChatOpenAI",
  lcel: "LCEL",
  createAgent: "createAgent",
  completions: "completions",
  roleModel: "RoleModel",
  roleModelOn: "RoleModel, everything on",
  agent: "agent",
  agentOn: "agent, everything on",
} as const;

export type ClientName = (typeof names)[keyof typeof names];

export const system = "You answer in one sentence, as JSON with the one field text.";
export const question = "How long does the lamp charge, and what is its foot made of?";

export const wireMessages: ChatCompletionMessageParam[] = [
  { role: "system", content: system },
  { role: "user", content: question },
];
export const messages = () => [new SystemMessage(system), new HumanMessage(question)];

export async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
