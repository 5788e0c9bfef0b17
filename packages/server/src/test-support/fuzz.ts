import {
  anything,
  array,
  boolean,
  constant,
  constantFrom,
  dictionary,
  double,
  integer,
  jsonValue,
  oneof,
  option,
  record,
  string,
  type Arbitrary,
} from "fast-check";
import type { OpenApiDocument } from "../openapi/document.ts";

/** A request as a hostile client may send it. */
export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  /** The path of its operation in the document. */
  readonly route: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** The parts of a JSON schema that the document uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly schema?: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema?: Schema }>>;
  };
}

/** Requests to all operations of a document: some valid, some nearly valid, some invalid. */
export function requestsFor(document: OpenApiDocument): Arbitrary<FuzzedRequest> {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Readonly<Record<string, Operation>>).map(([method, operation]) =>
      requestTo(method.toUpperCase(), path, operation, document),
    ),
  );
  return oneof(...operations);
}

function requestTo(
  method: string,
  path: string,
  { parameters = [], requestBody }: Operation,
  document: OpenApiDocument,
): Arbitrary<FuzzedRequest> {
  const of = (place: Parameter["in"]) => parameters.filter((each) => each.in === place);
  const texts = (place: Parameter["in"]) =>
    record(
      Object.fromEntries(
        of(place).map(({ name, schema }) => [name, oneof(valueFor(schema, document), odd)]),
      ),
      place === "path" ? {} : { requiredKeys: [] },
    );
  const schema = requestBody?.content["application/json"]?.schema;
  const body = schema
    ? oneof(
        { weight: 6, arbitrary: valueFor(schema, document).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: string({ unit: "binary", maxLength: 50 }) },
      )
    : constant(undefined);
  return record({
    inPath: texts("path"),
    inQuery: texts("query"),
    inHeaders: texts("header"),
    body,
    type: constantFrom("application/json", "application/json", "application/json", "text/plain"),
  }).map(({ inPath, inQuery, inHeaders, body: sent, type }) => {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(textOf(inPath[name]) || "x"),
    );
    const query = new URLSearchParams(
      Object.entries(inQuery).map(([name, value]): [string, string] => [name, textOf(value)]),
    ).toString();
    const headers = Object.fromEntries(
      // A client cannot send others.
      Object.entries(inHeaders).map(([name, value]) => [
        name,
        textOf(value).replaceAll(/[^\x20-\x7e]/g, "?"),
      ]),
    );
    return {
      method,
      route: path,
      path: query === "" ? filled : `${filled}?${query}`,
      headers: sent === undefined ? headers : { ...headers, "content-type": type },
      body: sent,
    };
  });
}

/** Values that often cause errors in programs. */
const odd: Arbitrary<unknown> = constantFrom<unknown>(
  ..."| |\0|null|__proto__|constructor|../../etc/passwd|%00|%2e%2e%2f|-1|1e999".split("|"),
  "'; DROP TABLE runs; --",
  "\r\nx: y",
  "💥\uD800",
  "x".repeat(3000),
  null,
  true,
  0,
  2 ** 53,
  [],
  {},
);

/** Values of a schema, and sometimes other values. */
function valueFor(
  schema: Schema | undefined,
  document: OpenApiDocument,
  depth = 0,
): Arbitrary<unknown> {
  const right = depth > 5 ? constant(null) : ofSchema(schema ?? {}, document, depth);
  return oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: odd });
}

function ofSchema(schema: Schema, document: OpenApiDocument, depth: number): Arbitrary<unknown> {
  const { $ref, anyOf, items, properties, required = [] } = schema;
  const inner = (each: Schema | undefined) => valueFor(each, document, depth + 1);
  if ($ref !== undefined) return ofSchema(resolve($ref, document), document, depth);
  if ("const" in schema) return constant(schema.const);
  if (schema.enum) return constantFrom(...schema.enum);
  if (anyOf) return oneof(...anyOf.map(inner));
  switch ([schema.type].flat()[0]) {
    case "string":
      return oneof(string({ unit: "grapheme", maxLength: 40 }), odd);
    case "integer":
      return integer();
    case "number":
      return double();
    case "boolean":
      return boolean();
    case "array":
      return array(inner(items), { maxLength: 4 });
    case "object": {
      const fields = Object.entries(properties ?? {}).map(([name, each]) => [name, inner(each)]);
      const known = record(Object.fromEntries(fields) as Record<string, Arbitrary<unknown>>, {
        requiredKeys: [...required],
      });
      const more = option(dictionary(string({ maxLength: 10 }), jsonValue({ maxDepth: 2 })), {
        freq: 8,
      });
      return record({ known, more }).map((both) => ({ ...both.more, ...both.known }));
    }
    default:
      return anything({ maxDepth: 2 }).map((value) => JSON.stringify(value) ?? null);
  }
}

function resolve(reference: string, document: OpenApiDocument): Schema {
  const path = reference.slice("#/".length).split("/");
  return path.reduce<unknown>((at, key) => (at as never)[key], document) as Schema;
}

function textOf(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.toWellFormed();
}
