import { expected, schemas } from "@orchestra/core/extend";
import { z } from "zod";
import { transportNames, type McpServerConfig } from "./mcp-config.ts";

const text = (what: string) =>
  z.string({ error: expected(what) }).min(1, `is empty: expected ${what}`);

const texts = (what: string) =>
  z.record(z.string(), z.string({ error: expected(`a text, in quotation marks`) }), {
    error: expected(what),
  });

const transport = z.enum(transportNames).optional();

/** A config: the path of its file, or its content. */
export const configSchema = z.union([schemas.path, z.instanceof(URL), schemas.object], {
  error: expected("the path of a JSON file with mcpServers, or its content"),
});

/** One entry of `mcpServers`. */
export const serverSchema = z.strictObject({
  command: text('the program to start, such as "npx"').optional(),
  args: z
    .array(text("a text"), { error: expected('a list of texts, such as ["-y", "my-server"]') })
    .optional(),
  env: texts('an object of texts, such as { "API_KEY": "…" }').optional(),
  cwd: schemas.path.optional(),
  url: text('an address such as "http://127.0.0.1:3001/mcp"').optional(),
  headers: texts('an object of texts, such as { "Authorization": "Bearer …" }').optional(),
  type: transport,
  transport,
  disabled: z.boolean().optional(),
} satisfies Record<keyof McpServerConfig, z.ZodType>);

/** Fields that other clients add for their own use. They do not affect how a server is started. */
export const foreignFields: ReadonlySet<string> = new Set([
  "alwaysAllow",
  "autoApprove",
  "description",
  "dev",
  "gallery",
  "icon",
  "id",
  "metadata",
  "name",
  "version",
]);

/** Fields of other clients that would change the permissions of agents, and what to write instead. */
export const unreadFields: Readonly<Record<string, string>> = {
  disabledTools: "leave tools out of what servers.toolsOf() returns",
  enabled: 'write "disabled": true to leave a server out',
  envFile: 'name the variables in env, such as "env": { "API_KEY": "${API_KEY}" }',
  oauth: "send a token, in headers.Authorization",
  timeout: "set the options startTimeoutMs and callTimeoutMs",
  tools: "leave tools out of what servers.toolsOf() returns",
};

/** Names that are often written instead of a field, and are not similar to its name. */
export const otherNames: Readonly<Record<string, keyof McpServerConfig>> = {
  arguments: "args",
  baseUrl: "url",
  bin: "command",
  cmd: "command",
  dir: "cwd",
  endpoint: "url",
  environment: "env",
  executable: "command",
  httpUrl: "url",
  params: "args",
  program: "command",
  serverUrl: "url",
  uri: "url",
  workdir: "cwd",
  workingDirectory: "cwd",
};
