import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";

/** Passes each piece of a whole answer to LangChain's callbacks, with the number of its attempt. */
export function tokenListener(
  runManager: CallbackManagerForLLMRun | undefined,
): (text: string, attempt: number) => void {
  const index = { prompt: 0, completion: 0 };
  return (text, attempt) => {
    const message = new AIMessageChunk({ content: text, response_metadata: { attempt } });
    const chunk = new ChatGenerationChunk({ text, message });
    void runManager?.handleLLMNewToken(text, index, undefined, undefined, undefined, { chunk });
  };
}
