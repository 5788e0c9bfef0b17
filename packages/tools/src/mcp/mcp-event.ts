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
  /** A tool that no model could call is left out. Without a listener, this is a warning of the process. */
  | {
      readonly type: "tool-skip";
      readonly server: string;
      /** The tool's name, as the server calls it; `""` for one without a name. */
      readonly tool: string;
      /** What is wrong with it. */
      readonly message: string;
    }
  /** A tool's name does not fit, or two tools would share one: models know it by another name. */
  | {
      readonly type: "tool-rename";
      readonly server: string;
      readonly tool: string;
      /** The name that models know. */
      readonly name: string;
      readonly message: string;
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
