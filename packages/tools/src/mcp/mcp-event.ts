/** A tool that differs from its pin. */
export interface ToolChange {
  /** The tool's name on the server. */
  readonly tool: string;
  /** The changed parts; `new` if the tool did not exist. */
  readonly changed: readonly ("description" | "input schema" | "annotations" | "new")[];
}

/** Events of the servers. The text of an event contains no secrets of the config. */
export type McpEvent =
  /** A server is ready: the first time, or after a restart. */
  | {
      readonly type: "server-start";
      readonly server: string;
      /** Number of its tools. */
      readonly tools: number;
      /** Restarts since it last ran for a minute. */
      readonly restarts: number;
    }
  /** A tool that no model could call is ignored. Without a listener, this is a warning of the process. */
  | {
      readonly type: "tool-skip";
      readonly server: string;
      /** The tool's name on the server; `""` for one without a name. */
      readonly tool: string;
      /** The problem of the tool. */
      readonly message: string;
    }
  /** A tool's name is invalid, or two tools would have the same name: models get another name. */
  | {
      readonly type: "tool-rename";
      readonly server: string;
      readonly tool: string;
      /** The name for models. */
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
  /** A running server lists other tools than before. Calls of changed tools are refused. */
  | {
      readonly type: "tools-change";
      readonly server: string;
      readonly changes: readonly ToolChange[];
    };
