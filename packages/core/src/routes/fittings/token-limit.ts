import type { ChatRequest } from "../../completions/index.ts";
import type { Fitting } from "./fitting.ts";

/** OpenAI's reasoning models accept the limit of tokens only by its newer name. */
export const newTokenLimit: Fitting = {
  name: "max_tokens",
  refusal: /max_tokens.*max_completion_tokens/is,
  fit: (request) => renamed(request, "max_tokens", "max_completion_tokens"),
};

/** Most other servers accept only the older name. */
export const oldTokenLimit: Fitting = {
  name: "max_completion_tokens",
  refusal: /max_completion_tokens/i,
  fit: (request) => renamed(request, "max_completion_tokens", "max_tokens"),
};

function renamed(request: ChatRequest, from: string, to: string): ChatRequest {
  const { [from]: limit, ...rest } = request;
  if (limit === undefined) return request;
  return { ...rest, [to]: rest[to] ?? limit } as ChatRequest;
}
