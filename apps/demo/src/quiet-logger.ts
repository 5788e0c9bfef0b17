import type { Logger } from "@orchestra/core";

/**
 * A logger that shows only warnings that are about no call, which have no fields: the view shows
 * everything else.
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
