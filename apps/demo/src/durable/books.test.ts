import { describe, expect, it } from "vitest";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { compareBooks } from "./books.ts";

function ask({ url }: Sandbox, question: string): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer any", "content-type": "application/json" },
    body: JSON.stringify({
      model: "sandbox/extractive",
      messages: [{ role: "user", content: question }],
    }),
  });
}

describe("the comparison with the sandbox's records", () => {
  it("reports an answer that was given twice, and tokens that were not recorded", async () => {
    await using sandbox = await startSandbox();
    for (const question of ["Why?", "How?", "Why?"]) await (await ask(sandbox, question)).text();
    await expect.poll(() => sandbox.books.entries.every(({ endedAt }) => endedAt)).toBe(true);
    const { promptTokens, completionTokens, costUsd } = sandbox.books.totals();
    const booked = [{ promptTokens, completionTokens, costUsd }];
    expect(compareBooks(sandbox.books, booked)).toEqual({
      requests: 3,
      cutOff: 0,
      answeredTwice: 1,
      agree: true,
    });
    expect(compareBooks(sandbox.books, []).agree).toBe(false);
  });

  it("counts a request that was cut off, at no cost", async () => {
    await using sandbox = await startSandbox({ faults: [{ fault: "hang" }] });
    const gone = new AbortController();
    const request = fetch(`${sandbox.url}/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer any", "content-type": "application/json" },
      body: JSON.stringify({
        model: "sandbox/extractive",
        messages: [{ role: "user", content: "x" }],
      }),
      signal: gone.signal,
    });
    await expect.poll(() => sandbox.books.entries).toHaveLength(1);
    gone.abort();
    await expect(request).rejects.toThrow("aborted");
    await expect
      .poll(() => compareBooks(sandbox.books, []))
      .toEqual({
        requests: 1,
        cutOff: 1,
        answeredTwice: 0,
        agree: true,
      });
  });
});
