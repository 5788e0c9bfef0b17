/**
 * Sends requests with many tokens, one for each question of the parent. It is a separate process, so that they
 * take no time from the client that measures.
 */
import { wayTo, type WayAddress } from "../benches/server/way.ts";
import { optionsFromParent, serveParent } from "./child.ts";

export interface LargeRequestsOptions {
  readonly address: WayAddress;
  readonly tokens: number;
}

const { address, tokens } = optionsFromParent() as LargeRequestsOptions;
const way = wayTo({ name: "large requests", address, connections: 1 });
const text = "word ".repeat(tokens);

serveParent({}, () => way.say(text));
