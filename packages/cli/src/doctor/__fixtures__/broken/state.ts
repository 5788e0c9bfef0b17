import { testKey, type State } from "../scene.ts";

/** A state, the finding that it has to come to, and what its message says. */
export type BrokenState = readonly [finding: string, says: string | RegExp, state: State];

export const key = { OPENROUTER_API_KEY: testKey };
/** A key and a server that no check of these states asks. */
export const elsewhere = { ...key, OPENROUTER_BASE_URL: "http://127.0.0.1:2/v1" };
