/** A tool that is not the one that was pinned. */
export interface ToolChange {
  /** The tool's name, as the server calls it. */
  readonly tool: string;
  /** What differs; `new` where the tool was not there. */
  readonly changed: readonly ("description" | "input schema" | "annotations" | "new")[];
}

/** What happens to the servers. No text of an event has secrets of the config in it. */
export type McpEvent =
  /** A server is ready: the first time, or after a restart. */
  | {
      readonly type: "server-start";
      readonly server: string;
      /** How many tools it lists. */
      readonly tools: number;
      /** Restarts since it last ran for a minute. */
      readonly restarts: number;
    }
  /** A server ended, or could not be restarted. It is restarted after a wait. */
  | {
      readonly type: "server-end";
      readonly server: string;
      readonly message: string;
      readonly restartInMs: number;
    }
  /** A server ended and is not restarted: `maxRestarts` is reached. */
  | { readonly type: "server-failure"; readonly server: string; readonly message: string }
  /** A running server lists other tools than it did. Calls of those with changes are refused. */
  | {
      readonly type: "tools-change";
      readonly server: string;
      readonly changes: readonly ToolChange[];
    };
