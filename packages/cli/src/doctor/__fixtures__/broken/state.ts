import { testKey, type State } from "../scene.ts";

/** The finding that a state must cause, a part of its message, and the state. */
export type BrokenState = readonly [finding: string, says: string | RegExp, state: State];

export const key = { OPENROUTER_API_KEY: testKey };
/** A key and a server. The checks of these states send it no request. */
export const elsewhere = { ...key, OPENROUTER_BASE_URL: "http://127.0.0.1:2/v1" };
