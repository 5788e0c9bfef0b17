import { z } from "@hono/zod-openapi";

/** A whole number in a query, from 1. Other text is not changed, so that the error can show it. */
export function wholeNumber({ max, byDefault }: WholeNumberOptions) {
  return z.preprocess(
    (value) =>
      typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value,
    z.int().min(1).max(max).default(byDefault),
  );
}

interface WholeNumberOptions {
  readonly max: number;
  /** The value if the query does not have it. */
  readonly byDefault: number;
}
