import type { ChatCompletionRequest, Fixture, FixtureResponse } from "@copilotkit/aimock";
import type { Refusal } from "../faults/refusal.ts";
import type { JsonObject } from "../wire/chat-request.ts";
import type { Answer } from "../wire/generation.ts";

/** Prepared answers. */
export interface ScriptedAnswers {
  /** Finds the answer to a request; `undefined` if no fixture matches it. */
  find(body: JsonObject): Promise<Answer | Refusal | undefined>;
  /** Restarts all sequences. */
  reset(): void;
}

/**
 * Answers by aimock's fixtures, with aimock's own matching: texts, patterns, predicates, turns and
 * sequences. The answer is sent by the sandbox, so that usage, cost and faults apply as usual.
 */
export async function createScriptedAnswers(
  fixtures: readonly Fixture[],
  newCallId: () => string,
): Promise<ScriptedAnswers | undefined> {
  // Without fixtures aimock is not loaded.
  if (fixtures.length === 0) return undefined;
  const { Journal, matchFixture } = await import("@copilotkit/aimock");
  // The journal only counts how often each fixture has matched.
  const journal = new Journal({ maxEntries: 1 });
  const all = [...fixtures];
  return {
    reset: () => journal.clearMatchCounts(),
    async find(request) {
      if (!isCompletionRequest(request)) return undefined;
      const fixture = matchFixture(all, request, journal.fixtureMatchCounts);
      if (fixture === null) return undefined;
      journal.incrementFixtureMatchCount(fixture, all);
      const { response } = fixture;
      return answerOf(
        typeof response === "function" ? await response(request) : response,
        newCallId,
      );
    },
  };
}

function isCompletionRequest(body: JsonObject): body is JsonObject & ChatCompletionRequest {
  return Array.isArray(body.messages);
}

function answerOf(response: FixtureResponse, newCallId: () => string): Answer | Refusal {
  if ("error" in response) {
    const { error, status = 500, retryAfter } = response;
    return {
      status,
      message: error.message,
      ...(error.metadata !== undefined && { metadata: error.metadata }),
      ...(retryAfter !== undefined && { headers: { "Retry-After": String(retryAfter) } }),
    };
  }
  const content = "content" in response ? response.content : undefined;
  const toolCalls = "toolCalls" in response ? response.toolCalls : undefined;
  if (content === undefined && toolCalls === undefined) {
    return { status: 500, message: "This fixture is not for chat completions" };
  }
  return {
    content: content ?? null,
    toolCalls: (toolCalls ?? []).map((call) => ({ id: newCallId(), ...call })),
  };
}
