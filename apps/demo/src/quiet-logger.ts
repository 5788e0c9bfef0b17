import type { Logger } from "@orchestra/core";

/**
 * A logger for while the view shows what happens: of the warnings only those that are about no
 * call, and so have no fields, would be missed.
 */
export function quietLogger(show: (text: string) => void): Logger {
  return {
    error() {},
    warn(message, fields) {
      if (fields === undefined) show(message);
    },
    info() {},
    debug() {},
  };
}
