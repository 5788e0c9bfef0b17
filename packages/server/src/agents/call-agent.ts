import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "@hono/zod-openapi";
import type { OrchestraEvent } from "@orchestra/core";
import { json, messageOf, quoted } from "@orchestra/core/extend";
import type { Client } from "../access/client.ts";
import { ApiError, errorBody } from "../errors/api-error.ts";
import { EventStream } from "../http/event-stream.ts";
import { readJson } from "../http/read-json.ts";
import { invalidInput } from "../routes/invalid-input.ts";
import { userSchema } from "../routes/user-schema.ts";
import type { ServerContext } from "../server-context.ts";

/** The body of a request that calls an agent, as a whole or as a stream. */
export const agentRequestSchema = z.strictObject({
  input: z.unknown().describe("As the agent's schema has it."),
  user: userSchema.optional(),
});

type AgentRequest = z.output<typeof agentRequestSchema>;

/** An agent's answer, and its usage. */
export interface AgentResult {
  readonly output: unknown;
  readonly runId: string;
  readonly usage: ReturnType<ServerContext["gateway"]["ledger"]["run"]>;
}

/** Calls an agent, as a separate run. The call ends if the client leaves. */
export async function invokeAgent(
  context: ServerContext,
  role: string,
  { input, user }: AgentRequest,
  outgoing: ServerResponse,
): Promise<AgentResult> {
  const client = context.clients.of(outgoing.req);
  client.requireRole(role);
  const agent = context.agents.require(role);
  const signal = context.calls.begin(outgoing);
  const runId = randomUUID();
  try {
    const output = await agent.invoke(input, {
      signal,
      configurable: configurableOf(client, runId, user),
    });
    requireJson(role, output);
    return { output, runId, usage: context.gateway.ledger.run(runId) };
  } finally {
    await context.gateway.endRun(runId);
  }
}

/** The settings of one call, for LangChain: its run, the key of its client and the end user. */
function configurableOf(client: Client, runId: string, user: string | undefined) {
  return { run_id: runId, ...client.configurable, ...(user ? { user } : {}) };
}

/** @throws {ApiError} for an output that JSON cannot express */
function requireJson(role: string, output: unknown): void {
  try {
    if (output !== undefined) json.toJson(output);
  } catch (error) {
    throw new ApiError(
      `The output of the agent ${quoted(role)} cannot be sent as JSON: ${messageOf(error)}.`,
      { status: 500, type: "server_error", code: "output_not_json" },
      { cause: error },
    );
  }
}

/** Types of the events that clients of an agent get. The pieces of the answer are sent as `delta`. */
const sentEvents: ReadonlySet<OrchestraEvent["type"]> = new Set([
  "agent-start",
  "tool-call",
  "tool-end",
  "retry",
  "fallback",
  "rate-limit-wait",
]);

/**
 * Answers `POST /v1/agents/{role}/stream`: events and pieces of the answer as they happen, as server-sent events.
 * The last one is `result`, or `error`.
 */
export async function streamAgent(
  context: ServerContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { role = "" }: Readonly<Record<string, string>>,
): Promise<void> {
  const { gateway, settings } = context;
  const client = context.clients.of(incoming);
  client.requireRole(role);
  const body = await readJson(incoming, outgoing, settings.maxBodyBytes);
  const { success, data: request } = agentRequestSchema.safeParse(body);
  if (!success) throw invalidInput(agentRequestSchema, body, "The body");
  const { input, user } = request;
  const agent = context.agents.require(role);
  const signal = context.calls.begin(outgoing);
  const { readerTimeoutMs } = gateway.settings;
  const { keepAliveMs } = settings;
  using stream = new EventStream(outgoing, { signal, readerTimeoutMs, keepAliveMs });
  const runId = randomUUID();
  const onEvent = (event: OrchestraEvent) => {
    // These events are few and small, so only the answer waits until the client has read.
    if (!sentEvents.has(event.type)) return;
    void stream.send({ event: event.type, data: event }).catch(ignore);
  };
  try {
    const parts = await agent.stream(input, {
      signal,
      configurable: { ...configurableOf(client, runId, user), on_event: onEvent },
    });
    let output: unknown;
    for await (const part of parts) {
      if (typeof part === "string") {
        output = typeof output === "string" ? output + part : part;
        await stream.send({ event: "delta", data: { text: part } });
      } else {
        requireJson(role, part);
        output = part;
        await stream.send({ event: "delta", data: { output } });
      }
    }
    await stream.send({
      event: "result",
      data: { output, runId, usage: gateway.ledger.run(runId) },
    });
  } catch (error) {
    if (signal.aborted && outgoing.destroyed) return;
    const data = JSON.parse(errorBody(context.answerError(error))) as object;
    await stream.send({ event: "error", data }).catch(ignore);
  } finally {
    await gateway.endRun(runId);
  }
}

/** The client has left: the call ends by its signal. */
const ignore = (): void => undefined;
