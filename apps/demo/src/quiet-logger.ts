import type { Logger } from "@orchestra/core";

/**
 * A logger that prints only warnings without fields: they are not about a call. The view shows everything else.
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
