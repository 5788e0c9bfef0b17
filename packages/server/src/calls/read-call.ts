import type { IncomingHttpHeaders } from "node:http";
import type { CompletionRequest } from "@orchestra/core";
import { quoted } from "@orchestra/core/extend";
import { invalidRequest } from "../errors/api-error.ts";
import type { Body } from "./answer-format.ts";
import { modelPrefix, type Roles } from "./roles.ts";

/** How a streamed answer is sent: as it arrives, or when it is complete and checked. */
export type StreamMode = "live" | "whole";

/** The content of a request. */
export interface Call {
  readonly request: CompletionRequest;
  /** The role whose model, fields and limits apply; without a role, those of `general`. */
  readonly agentType: string | undefined;
  readonly mode: StreamMode | undefined;
}

/**
 * Reads the body of a request for a completion. The role is the field `agent_type`, or a model
 * `agent:<role>`, or the header `X-Agent-Type`; the first one has precedence. It selects the model. A field that is
 * `null` counts as absent, because many clients send every field that they know.
 *
 * @throws {ApiError} for an unknown role or stream mode
 */
export function readCall(body: Body, headers: IncomingHttpHeaders, roles: Roles): Call {
  const { agent_type, ...fields }: Record<string, unknown> = body;
  const agentType = roleOf(agent_type, body["model"], headers, roles);
  const mode = body["stream"] === true ? readMode(headers["x-orchestra-stream"]) : undefined;
  if (agentType !== undefined) delete fields["model"];
  for (const name in fields) if (fields[name] === null) delete fields[name];
  if (mode === "whole") {
    delete fields["stream"];
    delete fields["stream_options"];
  }
  return { request: fields as unknown as CompletionRequest, agentType, mode };
}

function roleOf(
  field: unknown,
  model: unknown,
  headers: IncomingHttpHeaders,
  roles: Roles,
): string | undefined {
  if (field !== undefined && field !== null) {
    if (typeof field !== "string") {
      throw invalidRequest("agent_type is not the name of a role: expected a text.", {
        param: "agent_type",
      });
    }
    return known(field, "agent_type", roles);
  }
  if (typeof model === "string" && model.startsWith(modelPrefix)) {
    const name = model.slice(modelPrefix.length);
    roles.require(name, { status: 404, code: "model_not_found", param: "model" });
    return name;
  }
  const header = headers["x-agent-type"];
  return typeof header === "string" ? known(header, "X-Agent-Type", roles) : undefined;
}

function known(name: string, param: string, roles: Roles): string {
  roles.require(name, { code: "unknown_agent_type", param });
  return name;
}

function readMode(header: string | readonly string[] | undefined): StreamMode {
  if (header === undefined || header === "live") return "live";
  if (header === "whole") return "whole";
  throw invalidRequest(
    `The header X-Orchestra-Stream is ${quoted(String(header))}: expected live or whole.`,
    { param: "X-Orchestra-Stream" },
  );
}
