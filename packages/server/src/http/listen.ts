import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ListenError } from "../errors/listen-error.ts";

/**
 * Makes a server listen.
 *
 * @returns the port
 * @throws {ListenError}
 */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    throw new ListenError(describe(error as Error, `${host}:${port}`), { cause: error });
  }
  return (server.address() as AddressInfo).port;
}

function describe({ code, message }: NodeJS.ErrnoException, address: string): string {
  const where = `The server cannot listen on ${address}`;
  switch (code) {
    case "EADDRINUSE":
      return `${where}: another program uses the port. Choose another one (ORCHESTRA_SERVER_PORT, --port), or 0 for any that is free.`;
    case "EACCES":
      return `${where}: the port needs more privileges. Choose one above 1023 (ORCHESTRA_SERVER_PORT, --port).`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${where}: this machine has no such address. Choose another one (ORCHESTRA_SERVER_HOST, --host).`;
    default:
      return `${where}: ${message}`;
  }
}
