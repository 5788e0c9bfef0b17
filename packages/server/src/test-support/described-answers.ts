import { Ajv2020 } from "ajv/dist/2020.js";
import type { OpenApiDocument } from "../openapi/document.ts";

interface Answer {
  readonly method: string;
  /** The path of the operation in the document. */
  readonly route: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >;
}

/** The differences of an answer from its description in the document; none if it matches. */
export function answerChecker(document: OpenApiDocument): (answer: Answer) => string | undefined {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...document, $id: "document" });
  return ({ method, route, status, contentType, text }) => {
    const item = document.paths?.[route] as Readonly<Record<string, Operation>> | undefined;
    const responses = item?.[method.toLowerCase()]?.responses;
    const content = (responses?.[status] ?? responses?.["default"])?.content ?? {};
    const [mediaType = ""] = contentType.split(";");
    if (text === "") return undefined;
    const schema = content[mediaType]?.schema;
    if (content[mediaType] === undefined) return `${mediaType} is not described for ${status}`;
    if (schema === undefined || mediaType !== "application/json") return undefined;
    const absolute = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"document#/');
    const isValid = ajv.validate(JSON.parse(absolute) as object, JSON.parse(text));
    return isValid ? undefined : ajv.errorsText();
  };
}
