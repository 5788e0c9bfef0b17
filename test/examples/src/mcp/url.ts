import { openMcpServers } from "@orchestra/tools/mcp";

await using servers = await openMcpServers(
  {
    mcpServers: {
      search: {
        url: "${SEARCH_URL:-http://127.0.0.1:3001/mcp}",
        headers: { Authorization: "Bearer ${SEARCH_TOKEN}" },
      },
    },
  },
  {
    callTimeoutMs: 20_000,
    onEvent: (event) => {
      if (event.type === "server-end") console.log(event.message, event.restartInMs);
      if (event.type === "server-failure") console.log(event.message);
    },
  },
);

// A role can have only some of a server's tools.
const tools = servers.toolsOf("search").filter(({ name }) => name !== "search__delete");
console.log(tools.map(({ name }) => name));
