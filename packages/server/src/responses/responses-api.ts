import { asChunks } from "@orchestra/core/extend";
import type { AnswerFormat, CallApi } from "../calls/answer-format.ts";
import { invalidInput } from "../routes/invalid-input.ts";
import { readTools, type Tools } from "./read-tools.ts";
import { toChatBody } from "./read-request.ts";
import { requestSchema, type ResponsesRequest } from "./request-schema.ts";
import { ResponseBuilder } from "./response-builder.ts";

/** OpenAI's Responses API, without the features that need stored responses. */
export const responsesApi: CallApi = {
  read: (body) => {
    const { success, data } = requestSchema.safeParse(body);
    if (!success) throw invalidInput(requestSchema, body);
    const tools = readTools(data.tools ?? []);
    return { body: toChatBody(data, tools), format: formatOf(data, tools) };
  },
};

function formatOf(request: ResponsesRequest, tools: Tools): AnswerFormat {
  return {
    keepsJson: false,
    whole: (completion) => {
      const builder = new ResponseBuilder(request, tools, () => undefined);
      for (const chunk of asChunks(completion)) builder.add(chunk);
      return JSON.stringify(builder.end());
    },
    stream: () => {
      let events = "";
      const builder = new ResponseBuilder(request, tools, (type, fields) => {
        events += `event: ${type}\ndata: ${JSON.stringify(fields)}\n\n`;
      });
      const taken = (): string => {
        const text = events;
        events = "";
        return text;
      };
      return {
        chunk: (chunk) => {
          builder.add(chunk);
          return taken();
        },
        end: () => {
          builder.end();
          return taken();
        },
        fail: (error) => {
          builder.fail(error);
          return taken();
        },
      };
    },
  };
}
