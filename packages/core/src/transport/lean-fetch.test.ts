import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher } from "undici";
import { expect, test } from "vitest";
import { leanFetch } from "./lean-fetch.ts";

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

test("sends and reads what fetch does", async () => {
  await using server = await serve((request, response) => {
    const packets: Buffer[] = [];
    request.on("data", (packet: Buffer) => packets.push(packet));
    request.on("end", () => {
      response.writeHead(201, { "content-type": "application/json", "set-cookie": ["a=1", "b=2"] });
      const { method, url, headers } = request;
      const body = Buffer.concat(packets).toString();
      response.end(JSON.stringify({ method, url, key: headers.authorization, body }));
    });
  });
  const init = { method: "POST", headers: { Authorization: "Bearer k" }, body: "äöü" };
  const ask = async (get: typeof fetch) => {
    const response = await get(`${server.url}/path?a=b`, init);
    const { status, ok, headers } = response;
    const names = ["Content-Type", "set-cookie", "x-none"];
    const values = names.map((name) => headers.get(name));
    return { status, ok, values, body: await response.json() };
  };
  expect(await ask(leanFetch)).toEqual(await ask(fetch));
});

test("follows a redirect as fetch does, body and all", async () => {
  await using server = await serve((request, response) => {
    if (request.url === "/old") {
      response.writeHead(307, { location: "/new" }).end("moved");
      return;
    }
    request.pipe(response.writeHead(200));
  });
  const response = await leanFetch(`${server.url}/old`, { method: "POST", body: "carried" });
  expect(await response.text()).toBe("carried");
});

test("ends with the signal's reason, before the answer and in the middle of it", async () => {
  await using server = await serve((request, response) => {
    request.resume();
    if (request.url === "/begun") response.writeHead(200).write("a part");
  });
  const reason = new Error("enough");
  const silent = new AbortController();
  const waiting = leanFetch(`${server.url}/silent`, { signal: silent.signal });
  silent.abort(reason);
  await expect(waiting).rejects.toBe(reason);

  const begun = new AbortController();
  const response = await leanFetch(`${server.url}/begun`, { signal: begun.signal });
  const text = response.text();
  begun.abort(reason);
  await expect(text).rejects.toBe(reason);
});

test("goes the way that is set for the process's requests, such as a proxy's", async () => {
  const before = getGlobalDispatcher();
  const agent = new MockAgent();
  agent.disableNetConnect();
  agent.get("http://elsewhere.test").intercept({ path: "/" }).reply(200, "by the proxy");
  setGlobalDispatcher(agent);
  try {
    expect(await (await leanFetch("http://elsewhere.test/")).text()).toBe("by the proxy");
  } finally {
    setGlobalDispatcher(before);
  }
});
