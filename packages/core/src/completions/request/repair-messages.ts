import type { Completion, WireMessage } from "../wire.ts";

/** Characters of an answer that are worth showing. */
const maxShown = 2 ** 18;

/** The messages that show the model what was wrong, in the form in which it had answered. */
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
