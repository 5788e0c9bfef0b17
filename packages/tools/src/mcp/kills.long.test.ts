import { expect, test } from "vitest";
import { endServers } from "./test-support/end-servers.ts";

test("100 servers that end in five ways leave no process, and none of their children's", async () => {
  expect(await endServers(100)).toEqual([]);
});
