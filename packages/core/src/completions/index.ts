export type { Answer } from "./answer.ts";
export { asChunks } from "./as-chunks.ts";
export { CompletionAssembler } from "./assemble-completion.ts";
export { documentSource } from "./event-source.ts";
export { OpenStream, openStream } from "./open-stream.ts";
export type { StructuredOutputMethod } from "./schemas/output-schema-options.ts";
export { forgetMessages, keptMessages } from "./request/kept-json.ts";
export { defaultLimits, type ResponseLimits } from "./limits.ts";
export { resolveReference } from "./schemas/resolve-reference.ts";
export { inTime, unended, type CheckLimits } from "./schemas/own-check.ts";
export { parseJson } from "./reading/parse-json.ts";
export { post } from "./http/post.ts";
export { readBody } from "./http/read-body.ts";
export { readRanking, type RankedDocument } from "./rankings/read-ranking.ts";
export { readVectors } from "./rankings/read-vectors.ts";
export { isEmpty, stateFields, type ProviderState } from "./request/provider-state.ts";
export { unreadableMark } from "./tool-calls/streamed-arguments.ts";
export { parse } from "./tool-calls/tool-arguments.ts";
export { wholeState } from "./tidy-chunks.ts";
export { tidyCompletion } from "./tidy-completion.ts";
export { checkToolName } from "./tool-calls/check-tool-name.ts";
export { cutOff, type TokenLimits } from "./invalid-answer.ts";
export { repairMessages } from "./request/repair-messages.ts";
export type { Endpoint } from "./http/http.ts";
export type { Awaitable, EndHandler, RequestEnd } from "./request-end.ts";
export { checkCompletion, ResponseState } from "./response-state.ts";
export { sendDocument, type DocumentCompletion } from "./rankings/send-document.ts";
export { sendCompletion, sendError, type ProgressListener, type SendOptions } from "./send.ts";
export type {
  ChatRequest,
  Completion,
  CompletionChunk,
  CompletionRequest,
  WireMessage,
  WireTool,
} from "./wire.ts";
export {
  parseRequestFields,
  type ProviderRouting,
  type RequestFields,
} from "./request/openrouter-request.ts";
export type { WholeAnswer } from "./whole-answer.ts";
