import { startChild } from "../../servers/child.ts";
import { benchCommand, type CommandResult } from "./command.ts";
import { benchStreams, type StreamsResult } from "./streams.ts";
import { benchThroughput, type ThroughputResult } from "./throughput.ts";

export { largeTokens, manyStreams } from "./streams.ts";
export { serverAtOnce, warmUpCalls } from "./throughput.ts";

export type ServerResult = ThroughputResult & StreamsResult & CommandResult;

/** What a server between client and models costs. */
export async function benchServer(options: { readonly quick: boolean }): Promise<ServerResult> {
  await using models = await startChild<{ url: string }>("completions.ts");
  const { url } = models.address;
  return {
    ...(await benchThroughput(url, options)),
    ...(await benchStreams(url, options)),
    ...(await benchCommand(url, options)),
  };
}
