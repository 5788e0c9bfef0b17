import { describe, expect, test } from "vitest";
import { chunk, completion, done, usageChunk } from "../completions/__fixtures__/completions.ts";
import { Orchestra } from "../orchestra.ts";
import type { OrchestraOptions } from "../gateway/orchestra-options.ts";
import type { CallRecord } from "../usage/index.ts";
import { onRequestEnd, type Policy } from "./index.ts";

type Defaults = readonly Policy[];
type Place = "outermost" | "inside the rate limit" | "innermost";
const places: readonly Place[] = ["outermost", "inside the rate limit", "innermost"];

const events = [chunk({ content: "Hello there" }), chunk({}, "stop"), usageChunk]
  .map((event) => `data: ${JSON.stringify(event)}\n\n`)
  .join("");

/** An orchestra with one slot for requests, and a policy of the user's. */
function start(policy: Policy, place: Place, options: Partial<OrchestraOptions> = {}) {
  const records: CallRecord[] = [];
  const warnings: string[] = [];
  const quiet = () => undefined;
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      LLM_MAX_RETRIES: "1",
      LLM_RETRY_DELAY: "0.002",
      LLM_MAX_CONCURRENCY: "1",
      LLM_TOOL_TIMEOUT: "0.1",
    },
    logger: { error: quiet, info: quiet, debug: quiet, warn: (text) => void warnings.push(text) },
    onCall: (record) => void records.push(record),
    policies: (all: Defaults) => {
      if (place === "outermost") return [policy, ...all];
      if (place === "innermost") return [...all, policy];
      const at = all.findIndex(({ name }) => name === "rateLimit") + 1;
      return [...all.slice(0, at), policy, ...all.slice(at)];
    },
    fetch: async (_, init) =>
      (init?.body as string | undefined)?.includes('"stream":true')
        ? new Response(`${events}${done}`)
        : Response.json(completion()),
    ...options,
  });
  return { orchestra, records, warnings };
}

const messages = [{ role: "user" as const, content: "Hi" }];
const senders = {
  chat: async (orchestra: Orchestra) => (await orchestra.chat("Hi")).text,
  stream: async (orchestra: Orchestra) => {
    let text = "";
    for await (const piece of await orchestra.model.stream("Hi")) text += piece.text;
    return text;
  },
  completions: async (orchestra: Orchestra) =>
    (await orchestra.completions.create({ messages })).choices[0]?.message.content,
};
const errorOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return await work;
  } catch (error) {
    return error;
  }
};

/** The same policy for the first call alone: the next one has to get its slot. */
function once(policy: Policy): Policy {
  let calls = 0;
  const own: Policy = (next, call) => ((calls += 1) === 1 ? policy(next, call) : next);
  return Object.defineProperty(own, "name", { value: "ownPolicy" });
}

describe.each(places)("a policy %s", (place) => {
  test.each(Object.entries(senders))(
    "that never returns after its answer ends %s, and gives its slot back",
    async (_, send) => {
      const policy = once((next) => async (attempt) => {
        await next(attempt);
        return new Promise(() => undefined);
      });
      const { orchestra, records } = start(policy, place);
      const failure = await errorOf(send(orchestra));
      expect(failure).toMatchObject({ code: "unknown_error" });
      expect((failure as Error).message).toContain(
        "The policy ownPolicy did not return within 0.1 s after it had its answer",
      );
      expect(records).toMatchObject([{ status: "failed", costUsd: 0.00014 }]);
      expect(await send(orchestra)).toBe("Hello there");
    },
  );

  test.each(Object.entries(senders))("that throws no error is named by %s", async (_, send) => {
    for (const thrown of [null, undefined, "no", 7]) {
      for (const policy of [
        once(() => {
          throw thrown;
        }),
        once(() => () => Promise.reject(thrown)),
      ]) {
        const { orchestra, records } = start(policy, place);
        const failure = await errorOf(send(orchestra));
        expect(failure).toBeInstanceOf(Error);
        expect((failure as Error).message).toContain("The policy ownPolicy threw ");
        expect(records).toMatchObject([{ status: "failed" }]);
        expect(await send(orchestra)).toBe("Hello there");
      }
    }
  });

  test("that wraps a stream in a Proxy is named, and the stream is closed", async () => {
    const policy = once((next) => async (attempt) => new Proxy(await next(attempt), {}));
    const { orchestra, records } = start(policy, place);
    const failure = await errorOf(senders.stream(orchestra));
    expect((failure as Error).message).toContain(
      "The policy ownPolicy resolved to a Proxy of a stream",
    );
    expect(records).toMatchObject([{ status: "failed" }]);
    expect(await senders.stream(orchestra)).toBe("Hello there");
  });

  test.each<[string, (answer: object) => unknown]>([
    ["an async iterator", async function* () {}],
    ["a copy of the stream", (answer) => ({ ...answer })],
    ["an object with read() alone", () => ({ kind: "stream", metadata: {}, read() {} })],
  ])("that returns %s in place of a stream is named", async (_, wrap) => {
    const policy = once((next) => async (attempt) => wrap(await next(attempt)) as never);
    const { orchestra } = start(policy, place);
    const failure = await errorOf(senders.stream(orchestra));
    expect((failure as Error).message).toContain("The policy ownPolicy resolved to an object that");
    expect(await senders.stream(orchestra)).toBe("Hello there");
  });

  test.each(Object.entries(senders))(
    "whose handler of onRequestEnd() throws no error is named by %s",
    async (_, send) => {
      for (const thrown of [null, undefined, "no"]) {
        const policy = once(
          (next) => (attempt) => onRequestEnd(next(attempt), () => Promise.reject(thrown)),
        );
        const { orchestra, records } = start(policy, place);
        const failure = await errorOf(send(orchestra));
        expect(failure).toBeInstanceOf(Error);
        expect((failure as Error).message).toMatch(/(ownPolicy|onRequestEnd\(\)) threw /);
        expect(records).toMatchObject([{ status: "failed", costUsd: 0.00014 }]);
        expect(await send(orchestra)).toBe("Hello there");
      }
    },
  );
});

describe("the answer of one attempt is in no record of another", () => {
  const own: Policy = (next) => (attempt) => next(attempt);
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  const recorded = ({ status, costUsd, error }: CallRecord["attempts"][number]) => ({
    status,
    costUsd,
    kind: error?.kind,
  });
  /** Refuses each request after the first. */
  const only = (first: () => Response | Promise<Response>): typeof fetch => {
    let requests = 0;
    return async () => {
      if ((requests += 1) > 1) throw refused;
      return first();
    };
  };

  test("that starts its stream again", async () => {
    const { orchestra, records } = start(own, "innermost", {
      environment: {
        OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
        LLM_MAX_RETRIES: "0",
        LLM_STREAM_RESTARTS: "1",
      },
      fetch: only(() => new Response(`data: ${JSON.stringify(chunk({ content: "Hello" }))}\n\n`)),
    });
    await errorOf(senders.stream(orchestra));
    expect(records[0]?.attempts.map(recorded)).toEqual([
      { status: 200, costUsd: 0, kind: "invalid_response_error" },
      { status: undefined, costUsd: 0, kind: "connection_error" },
    ]);
  });

  test("that races it", async () => {
    let requests = 0;
    const holding: Policy = (next) => async (attempt) => {
      const isFirst = (requests += 1) === 1;
      const answer = await next(attempt);
      if (isFirst) {
        await new Promise((_, reject) => {
          attempt.signal.addEventListener("abort", () => reject(new Error("aborted")));
        });
      }
      return answer;
    };
    const { orchestra, records } = start(holding, "innermost", {
      environment: {
        OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
        LLM_MAX_RETRIES: "0",
        LLM_HEDGE_AFTER: "0.01",
        LLM_TOOL_TIMEOUT: "0.2",
      },
      fetch: only(() => Response.json(completion())),
    });
    await errorOf(senders.completions(orchestra));
    expect(records[0]?.attempts.map(recorded)).toEqual([
      { status: 200, costUsd: 0.00014, kind: "unknown_error" },
      { status: undefined, costUsd: 0, kind: "connection_error" },
    ]);
  });
});

test.each([null, undefined, "no"])(
  "a log and listeners that throw %o fail no call",
  async (thrown) => {
    const fail = () => {
      throw thrown;
    };
    const logger = { error: fail, warn: fail, info: fail, debug: fail };
    const own: Policy = (next) => next;
    const { orchestra } = start(own, "outermost", { logger, onEvent: fail, onCall: fail });
    for (const send of Object.values(senders)) expect(await send(orchestra)).toBe("Hello there");
  },
);
