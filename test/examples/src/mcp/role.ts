import { defineRole, Orchestra } from "@orchestra/core";
import { openMcpServers } from "@orchestra/tools/mcp";

await using servers = await openMcpServers("mcp.json", { pins: "mcp.pins.json" });

const librarian = defineRole({
  name: "librarian",
  system: "You answer from the notes. Look them up with your tools.",
  tools: servers.tools,
});

const answer = await new Orchestra().agent(librarian).invoke("When was the lighthouse built?");
console.log(answer);
