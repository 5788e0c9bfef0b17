import type { OpenStream } from "./open-stream.ts";
import type { WholeAnswer } from "./whole-answer.ts";

/** The result of a sender: the whole answer, or a stream whose first token has arrived. */
export type Answer = WholeAnswer | OpenStream;
