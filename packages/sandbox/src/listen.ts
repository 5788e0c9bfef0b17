import type { Server } from "node:http";

/** The reason why the sandbox could not start; `code` is that of Node.js, such as `EADDRINUSE`. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly code: string | undefined;

  constructor(message: string, cause: Error) {
    super(message, { cause });
    this.code = (cause as NodeJS.ErrnoException).code;
  }
}

/**
 * Makes a server listen.
 *
 * @returns the port
 * @throws {ListenError}
 */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  const listening = Promise.withResolvers<number>();
  server.once("error", listening.reject);
  try {
    server.listen(port, host, () => {
      const address = server.address();
      listening.resolve(typeof address === "object" && address !== null ? address.port : port);
    });
    return await listening.promise;
  } catch (error) {
    throw new ListenError(describe(error as Error, port, host), error as Error);
  } finally {
    server.off("error", listening.reject);
  }
}

function describe(error: NodeJS.ErrnoException, port: number, host: string): string {
  const address = `${host}:${String(port)}`;
  const otherPort = "Choose another port, or 0 for any that is free (option port).";
  switch (error.code) {
    case "EADDRINUSE":
      return `The sandbox cannot listen on ${address}: another program uses the port. ${otherPort}`;
    case "EACCES":
      return `The sandbox cannot listen on ${address}: the port needs more rights. ${otherPort}`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The sandbox cannot listen on ${address}: this machine has no such address. Use 127.0.0.1 (option host).`;
    case "ERR_SOCKET_BAD_PORT":
      return `The sandbox cannot listen on ${address}: expected a port from 0 to 65535. ${otherPort}`;
    default:
      return `The sandbox cannot listen on ${address}: ${error.message}`;
  }
}
