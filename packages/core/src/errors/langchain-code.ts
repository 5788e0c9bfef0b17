import type { ModelError } from "./model-error.ts";

/**
 * LangChain's error code for a failure, the same as that of its chat models.
 *
 * Source: https://docs.langchain.com/oss/javascript/langchain/errors
 */
export function langChainCode(error: ModelError): string | undefined {
  const { kind, status, message, details } = error;
  if (details.reason === "off_schema") return "OUTPUT_PARSING_FAILURE";
  if (kind === "authentication_error") return "MODEL_AUTHENTICATION";
  if (status === 429) return "MODEL_RATE_LIMIT";
  if (status === 404) return "MODEL_NOT_FOUND";
  if (status === 400 && message.includes("tool_calls")) return "INVALID_TOOL_RESULTS";
  return undefined;
}
