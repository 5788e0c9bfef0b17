import type { OpenApiDocument } from "./document.ts";

type Operation = NonNullable<NonNullable<OpenApiDocument["paths"]>[string]["get"]>;

const methods = ["get", "post", "delete"] as const;

/** The document as one page without dependencies: no script, no font, no other server. */
export function referencePage(document: OpenApiDocument): string {
  const { info, paths = {}, components } = document;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ path, method, operation }] : [];
    }),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags ?? []))];
  const sections = tags.map((tag) => {
    const ofTag = operations.filter(({ operation }) => operation.tags?.includes(tag));
    return `<h2>${escape(tag)}</h2>${ofTag.map(describeOperation).join("")}`;
  });
  const schemas = Object.entries(components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<details id="${escape(name)}"><summary><code>${escape(name)}</code></summary>${code(schema)}</details>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)}</title><style>${style}</style>
<h1>${escape(info.title)}</h1><p>${escape(info.description ?? "")} <a href="/openapi.json">openapi.json</a></p>
${sections.join("\n")}<h2>Schemas</h2>${schemas.join("")}</html>`;
}

function describeOperation({
  path,
  method,
  operation,
}: {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}): string {
  const { summary = "", description = "", parameters = [], requestBody, responses } = operation;
  const scope = Object.values(operation.security?.[0] ?? {}).flat();
  const access = scope.length > 0 ? `Scope ${scope.join(", ")}.` : "No key.";
  const parts = [
    `<p>${escape([description, access].filter(Boolean).join(" "))}</p>`,
    parameters.length > 0 ? `<h3>Parameters</h3>${code(parameters)}` : "",
    requestBody ? `<h3>Body</h3>${code(requestBody)}` : "",
    `<h3>Answers</h3>${code(responses ?? {})}`,
  ];
  const title = `<b>${method.toUpperCase()}</b> <code>${escape(path)}</code> ${escape(summary)}`;
  return `<details><summary>${title}</summary>${parts.join("")}</details>`;
}

/** JSON, in which the names of schemas are links. */
function code(value: unknown): string {
  const text = escape(JSON.stringify(value, undefined, 2));
  const linked = text.replaceAll(
    /#\/components\/schemas\/(\w+)/g,
    '<a href="#$1">#/components/schemas/$1</a>',
  );
  return `<pre>${linked}</pre>`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const style = `
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1e;background:#fff}
summary{cursor:pointer;padding:.3rem 0}details{border-bottom:1px solid #ddd}summary b{display:inline-block;width:4.5rem}
pre{overflow:auto;background:#f5f5f7;padding:.8rem;font-size:.85rem}h3{font-size:1rem;margin:.6rem 0 0}
@media(prefers-color-scheme:dark){body{color:#eee;background:#1c1c1e}pre{background:#2c2c2e}details{border-color:#444}a{color:#8ab4f8}}`;
