import { expect, test } from "vitest";
import { isAllowed } from "./licences.ts";

test.each(["MIT", "(MIT OR GPL-3.0)", "Apache-2.0 AND ISC", "BlueOak-1.0.0"])(
  "%s is allowed",
  (licence) => {
    expect(isAllowed(licence)).toBe(true);
  },
);

test.each(["GPL-3.0-only", "MIT AND AGPL-3.0", "Unknown", "SEE LICENSE IN x", ""])(
  "%s is not allowed",
  (licence) => {
    expect(isAllowed(licence)).toBe(false);
  },
);
