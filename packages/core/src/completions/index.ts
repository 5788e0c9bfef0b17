export type { Answer } from "./answer.ts";
export { asChunks } from "./as-chunks.ts";
export { CompletionAssembler } from "./assemble-completion.ts";
export { documentSource } from "./event-source.ts";
export { OpenStream, openStream } from "./open-stream.ts";
export { inAnswer, objectSchema } from "./object-schema.ts";
export { OutputSchema } from "./output-schema.ts";
export type {
  CalledTool,
  OutputSchemaOptions,
  Reading,
  StructuredOutputMethod,
} from "./output-schema-options.ts";
export { forgetMessages, keptMessages } from "./kept-json.ts";
export { defaultLimits, type ResponseLimits } from "./limits.ts";
export { inTime, unended, type CheckLimits } from "./own-check.ts";
export { parseJson } from "./parse-json.ts";
export { post } from "./post.ts";
export { readBody } from "./read-body.ts";
export { readRanking, type RankedDocument } from "./read-ranking.ts";
export { readVectors } from "./read-vectors.ts";
export { isEmpty, stateFields, type ProviderState } from "./provider-state.ts";
export { isStrict } from "./strict-schema.ts";
export { unreadableMark } from "./streamed-arguments.ts";
export { parse } from "./tool-arguments.ts";
export { TextAnswer } from "./text-answer.ts";
export { wholeState } from "./tidy-chunks.ts";
export { tidyCompletion } from "./tidy-completion.ts";
export { explainThrown } from "./schema-failure.ts";
export { describeSchema } from "./describe-schema.ts";
export { adapter } from "./schema-adapter.ts";
export { isUnknownToLangChain, type AnySchema } from "./json-schema-of.ts";
export { checkToolName } from "./check-tool-name.ts";
export { checkTools, requireDistinctNames, requireJsonSchema } from "./require-json-schema.ts";
export { cutOff, type TokenLimits } from "./invalid-answer.ts";
export { repairMessages } from "./repair-messages.ts";
export type { Endpoint } from "./http.ts";
export type { Awaitable, EndHandler, RequestEnd } from "./request-end.ts";
export { checkCompletion, ResponseState } from "./response-state.ts";
export { sendDocument, type DocumentCompletion } from "./send-document.ts";
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
} from "./openrouter-request.ts";
export type { WholeAnswer } from "./whole-answer.ts";
