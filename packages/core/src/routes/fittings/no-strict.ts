import type { ChatRequest } from "../../completions/index.ts";
import type { Fields } from "../../input/is-object.ts";
import type { Fitting } from "./fitting.ts";

/** Sends schemas without `strict`; answers are checked here in any case. */
export const noStrict: Fitting = {
  name: "strict",
  refusal:
    /\bstrict\b|invalid schema for (response_format|function)|schema.*(not supported|unsupported|not permitted)|(not supported|unsupported|not permitted).*schema/i,
  fit: (request) => {
    const format = request.response_format as Fields | undefined;
    const schema = format?.["json_schema"] as Fields | undefined;
    const isStrict = Boolean(schema?.["strict"]);
    const tools = request.tools?.map((tool) => {
      if (tool.type !== "function" || !("strict" in tool.function)) return tool;
      const { strict: _, ...called } = tool.function;
      return { ...tool, function: called };
    });
    const isSame = tools?.every((tool, at) => tool === request.tools?.[at]) ?? true;
    if (!isStrict && isSame) return request;
    return {
      ...request,
      ...(isSame ? {} : { tools }),
      ...(isStrict ? { response_format: withoutStrict(format, schema) } : {}),
    } as ChatRequest;
  },
};

function withoutStrict(format: Fields | undefined, schema: Fields | undefined): Fields {
  const { strict: _, ...rest } = schema ?? {};
  return { ...format, json_schema: rest };
}
