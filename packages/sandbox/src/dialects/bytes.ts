import type { Dialect } from "./dialect.ts";

/** Ways to label, pack and frame the bytes of a body. */
export const byteDialects: readonly Dialect[] = [
  {
    name: "gzip",
    description: "Compressed by gzip, unasked.",
    encoding: "gzip",
  },
];
