import { startServer } from "../../../test-support/start-server.ts";
import { onSandbox, onServer, silentServer, type Scene } from "../scene.ts";
import { elsewhere, key, type BrokenState } from "./state.ts";

async function answering({ stack }: Scene, status: number, body: string, headers = {}) {
  const server = await startServer((_, response) => response.writeHead(status, headers).end(body));
  return { ...key, OPENROUTER_BASE_URL: stack.use(server).url };
}

export const networkStates: readonly BrokenState[] = [
  [
    "network/proxy: not-used",
    "HTTPS_PROXY is set",
    () => ({ ...key, HTTPS_PROXY: "http://127.0.0.1:9" }),
  ],
  ["network/proxy: invalid", "HTTPS_PROXY", () => ({ ...key, HTTPS_PROXY: "proxy:3128" })],
  [
    "network/certificates: unchecked",
    "NODE_TLS_REJECT_UNAUTHORIZED is 0",
    () => ({ ...elsewhere, NODE_TLS_REJECT_UNAUTHORIZED: "0" }),
  ],
  [
    "network/base-url: proxy",
    "does not answer through the proxy of HTTP_PROXY",
    () => ({ ...elsewhere, HTTP_PROXY: "http://127.0.0.1:2", NODE_USE_ENV_PROXY: "1" }),
  ],
  [
    "network/base-url: blocked",
    "HTTP 403",
    (scene) => answering(scene, 403, "<html>Access denied</html>"),
  ],
  ["network/base-url: connection-refused", "127.0.0.1:2", () => elsewhere],
  [
    "network/base-url: other",
    "larger than",
    async (scene) => ({
      ...(await onSandbox(scene)),
      LLM_MAX_CATALOG_BYTES: "1",
      LLM_MAX_LOOKUP_BYTES: "1",
    }),
  ],
  [
    "network/base-url: name-not-found",
    "nowhere.invalid",
    () => ({ ...key, OPENROUTER_BASE_URL: "http://nowhere.invalid/v1" }),
  ],
  [
    "network/base-url: timeout",
    "took longer",
    async (scene) => ({
      ...key,
      OPENROUTER_BASE_URL: `http://127.0.0.1:${await silentServer(scene)}`,
    }),
  ],
  [
    "network/base-url: tls",
    "does not answer",
    async (scene) => {
      const { OPENROUTER_BASE_URL } = await answering(scene, 200, "{}");
      return { ...key, OPENROUTER_BASE_URL: OPENROUTER_BASE_URL.replace("http:", "https:") };
    },
  ],
  [
    "network/base-url: connection-broken",
    "does not answer",
    async ({ stack }) => {
      const server = stack.use(await startServer((request) => request.socket.destroy()));
      return { ...key, OPENROUTER_BASE_URL: server.url };
    },
  ],
  [
    "network/base-url: redirect",
    "redirects to https://example.com",
    (scene) => answering(scene, 301, "", { location: "https://example.com/v1" }),
  ],
  ["network/base-url: wrong-path", "not JSON", (scene) => answering(scene, 200, "<html></html>")],
  ["network/base-url: wrong-path", "HTTP 404", (scene) => answering(scene, 404, "<html></html>")],
  [
    "network/base-url: wrong-path",
    /The API is at http:.*\/api\/v1\./,
    async (scene) => {
      const environment = await onSandbox(scene);
      const { origin } = new URL(environment.OPENROUTER_BASE_URL);
      return { ...environment, OPENROUTER_BASE_URL: origin };
    },
  ],
  ["network/base-url: server-error", "HTTP 503", (scene) => answering(scene, 503, "{}")],
  [
    "network/clock: skewed",
    /fast|slow/,
    (scene) => onServer(scene, {}, { date: new Date(Date.now() + 3_600_000).toUTCString() }),
  ],
];
