import { setTimeout } from "node:timers/promises";

/**
 * Waits until the server at `url` has read the keys of the database, and this one among them.
 * Before it has read its first key, a server accepts all requests: that it accepts a key proves nothing.
 */
export async function untilKeyIsKnown(url: string, secret: string): Promise<void> {
  const isRefused = async (key: string) => {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(`${url}/models/none`, { headers })).status === 401;
  };
  while (!(await isRefused("no-such-key"))) await setTimeout(5);
  while (await isRefused(secret)) await setTimeout(5);
}
