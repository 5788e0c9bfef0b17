import type { Stats } from "node:fs";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { basename } from "node:path/posix";
import { quoted } from "@orchestra/core/extend";
import { invalidRequest } from "../errors/api-error.ts";
import { sendFile } from "../http/send-file.ts";
import type { ServerContext } from "../server-context.ts";
import { mediaTypeOf } from "./media-type.ts";
import { requireRuntime } from "./require-runtime.ts";

/** Answers `GET /v1/runs/{id}/artifacts/{name}`, and `HEAD`. */
export async function sendArtifact(
  context: ServerContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { id = "", name = "" }: Readonly<Record<string, string>>,
): Promise<void> {
  const signal = context.calls.begin(outgoing);
  const artifact = await requireRuntime(context).openArtifact(id, name);
  if (!artifact) throw notFound(id, name);
  await using handle = artifact.handle;
  const { path, stats } = artifact;
  const headers = headersFor(path, stats);
  const { etag, "cache-control": caching } = headers;
  if (hasTag(incoming.headers["if-none-match"], etag)) {
    outgoing.writeHead(304, { etag, "cache-control": caching }).end();
    return;
  }
  outgoing.writeHead(200, headers);
  if (incoming.method === "HEAD") {
    outgoing.end();
    return;
  }
  const { readerTimeoutMs } = context.gateway.settings;
  try {
    await sendFile(outgoing, handle, { bytes: stats.size, signal, readerTimeoutMs });
  } catch (error) {
    // The client notices by the length that the file is incomplete.
    outgoing.destroy();
    if (signal.aborted) return;
    context.gateway.logger.error("artifact not sent", { error });
  }
}

/** An agent has written the file: a browser stores it, and neither shows nor executes it. */
function headersFor(path: string, { ino, size, mtimeMs }: Stats) {
  const tag = [ino, size, mtimeMs].map((part) => Math.trunc(part).toString(36)).join("-");
  return {
    "content-type": mediaTypeOf(path),
    "content-length": size,
    "content-disposition": dispositionOf(basename(path)),
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox",
    "cache-control": "private, no-cache",
    etag: `"${tag}"`,
  } satisfies OutgoingHttpHeaders;
}

/** Whether `If-None-Match` has the tag of a file. Proxies mark tags as weak where they compress answers. */
function hasTag(header: string | undefined, etag: string): boolean {
  const tags = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}

/** The name for saving, by RFC 6266: in ASCII for old clients, and unchanged. Names have no quotation marks. */
function dispositionOf(name: string): string {
  const ascii = name.replaceAll(/[^\x20-\x7e]/g, "_");
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

function notFound(id: string, name: string) {
  return invalidRequest(
    `The run has no artifact ${quoted(name)} on this machine. GET /v1/runs/${encodeURIComponent(id)}/artifacts lists those that it has.`,
    { status: 404, code: "artifact_not_found" },
  );
}
