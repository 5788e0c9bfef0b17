import type { Completion, WireMessage } from "../wire.ts";

/** Maximum characters of an answer that are shown to the model. */
const maxShown = 2 ** 18;

/** The messages that show the model the problems of its answer, in the form of that answer. */
export function repairMessages(completion: Completion, problem: string): readonly WireMessage[] {
  const content = `The answer does not fit: ${problem}. Give the whole answer again, corrected.`;
  const message = completion.choices[0]?.message;
  const calls = message?.tool_calls ?? [];
  if (calls.length === 0) {
    const said = message?.content?.slice(0, maxShown) || "(nothing)";
    return [
      { role: "assistant", content: said },
      { role: "user", content },
    ];
  }
  const replies = calls.map(({ id }) => ({ role: "tool" as const, content, tool_call_id: id }));
  return [{ role: "assistant", content: message?.content ?? null, tool_calls: calls }, ...replies];
}
