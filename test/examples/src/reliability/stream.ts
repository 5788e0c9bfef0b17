import { Orchestra, StreamInterruptedError } from "@orchestra/core";

const orchestra = new Orchestra({ settings: { streamRestarts: 1 } });

try {
  for await (const chunk of await orchestra.model.stream("What is a stream?")) {
    // The stream broke and starts again: discard the text so far.
    if (chunk.response_metadata["restart"] !== undefined) process.stdout.write("\n");
    process.stdout.write(chunk.text);
  }
} catch (error) {
  if (!StreamInterruptedError.isInstance(error)) throw error;
  console.log(error.partialText);
}
