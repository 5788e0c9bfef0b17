import type { JsonObject } from "../../wire/chat-request.ts";
import type { Finding, Point } from "../finding.ts";
import type { Excerpt } from "../passage.ts";

/** The position of a value in the answer, and its subject. */
export interface FillContext {
  readonly finding: Finding;
  readonly root: JsonObject;
  /** The point of the surrounding object, and the excerpt that it shows. */
  readonly point?: Point;
  readonly excerpt?: Excerpt;
  readonly depth: number;
}

/** Fills a part of a schema; `name` is the property that it is the value of. */
export type Fill = (schema: unknown, name: string, context: FillContext) => unknown;
