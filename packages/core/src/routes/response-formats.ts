import type { ChatRequest, StructuredOutputMethod } from "../completions/index.ts";
import type { Fields } from "../input/is-object.ts";

interface AskedMethod {
  readonly name: StructuredOutputMethod;
  /** Its name in events. */
  readonly field: string;
  /** Messages of servers that do not support the method. */
  readonly refusal: RegExp;
}

const format =
  /response_?format|json_?schema|json_?object|structured.?output|json.?mode|guided|grammar/i;

/** The method of structured output of a request; `undefined` for a plain one. */
export function methodOf(request: ChatRequest): AskedMethod | undefined {
  const { response_format: asked, tools, tool_choice: choice } = request;
  if (asked?.type === "json_schema") {
    // A schema that strict mode refuses is another matter: it is sent without strict.
    return { name: "jsonSchema", field: "response_format", refusal: withoutSchemaErrors(format) };
  }
  if (asked?.type === "json_object") {
    return { name: "jsonMode", field: "response_format", refusal: format };
  }
  const named = (choice as { function?: { name?: string } } | undefined)?.function?.name;
  const [only] = tools?.length === 1 ? tools : [];
  const isAnswer = only?.type === "function" && only.function.name === named;
  const refusal = /(?<!_)\b(tools?|functions?|tool (use|calling)|function.?calling)\b(?!_)/i;
  return isAnswer ? { name: "functionCalling", field: "tools", refusal } : undefined;
}

function withoutSchemaErrors({ source, flags }: RegExp): RegExp {
  return new RegExp(`^(?![^]*invalid schema for)[^]*(?:${source})`, flags);
}

/** A request with a response format of the caller that was refused: the schema is put into the prompt. */
export function withoutRefusedFormat(
  request: ChatRequest,
  refused: ReadonlySet<StructuredOutputMethod>,
): ChatRequest {
  const { response_format: asked, ...rest } = request;
  const isSchema = asked?.type === "json_schema" && refused.has("jsonSchema");
  const isMode = asked?.type === "json_object" && refused.has("jsonMode");
  if (isMode) return rest;
  if (!isSchema) return request;
  const { schema } = ((asked as Fields)["json_schema"] ?? {}) as Fields;
  const content = `Answer with one JSON object and nothing else. It must fit this JSON schema:\n${JSON.stringify(schema)}`;
  const messages = [{ role: "system" as const, content }, ...request.messages];
  const mode = refused.has("jsonMode") ? {} : { response_format: { type: "json_object" } };
  return { ...rest, messages, ...mode };
}
