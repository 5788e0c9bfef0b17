import { rawRoute } from "../routes/route.ts";

export const metricsRoutes = [
  rawRoute(
    {
      method: "get",
      path: "/metrics",
      access: "admin",
      tag: "Operation",
      summary: "Metrics for Prometheus",
      responses: {
        200: {
          description: "Of all processes of the server.",
          content: { "text/plain": { schema: { type: "string" } } },
        },
      },
    },
    async ({ metrics }, _, outgoing) => {
      const text = await metrics.text();
      outgoing.writeHead(200, {
        "content-type": metrics.contentType,
        "content-length": Buffer.byteLength(text),
      });
      outgoing.end(text);
    },
  ),
];
