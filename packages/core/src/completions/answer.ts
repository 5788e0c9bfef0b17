import type { OpenStream } from "./open-stream.ts";
import type { WholeAnswer } from "./whole-answer.ts";

/** What the senders return: the whole answer, or a stream whose first token is there. */
export type Answer = WholeAnswer | OpenStream;
