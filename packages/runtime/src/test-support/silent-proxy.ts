import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a server on which connections can fall silent: they stay open, and nothing arrives. */
export interface SilentProxy extends AsyncDisposable {
  /** The URL of the server, through the proxy. */
  readonly url: string;
  /** Connections that are open, and have not fallen silent. */
  readonly connections: number;
  /** Connections that were made while new ones were silent. */
  readonly swallowed: number;
  /** From now on the connections that are open are silent. */
  silenceOpen(): void;
  /** From now on new connections are accepted, and silent. */
  silenceNew(): void;
  /** From now on connections are refused, and those that are open are broken. */
  refuse(): Promise<void>;
  /** New connections work again. Those that have fallen silent stay so. */
  admitNew(): void;
}

export async function startSilentProxy(serverUrl: string): Promise<SilentProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const open = new Map<Socket, Socket>();
  let isSilent = false;
  let swallowed = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  };
  const proxy = createServer((socket) => {
    keep(socket);
    if (isSilent) {
      swallowed += 1;
      return;
    }
    const further = connect(Number(target.port), target.hostname);
    keep(further);
    open.set(socket, further);
    socket.pipe(further).pipe(socket);
    const end = () => {
      // A silent connection is not notified of the end of its peer either.
      if (!open.delete(socket)) return;
      socket.destroy();
      further.destroy();
    };
    socket.on("close", end);
    further.on("close", end);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const refuse = async (): Promise<void> => {
    if (!proxy.listening) return;
    proxy.close();
    for (const socket of sockets) socket.destroy();
    await once(proxy, "close");
  };
  const url = new URL(target);
  url.port = String((proxy.address() as AddressInfo).port);
  return {
    url: url.href,
    get connections() {
      return open.size;
    },
    get swallowed() {
      return swallowed;
    },
    silenceOpen() {
      for (const [socket, further] of open) {
        socket.unpipe();
        further.unpipe();
        socket.pause();
        further.pause();
      }
      open.clear();
    },
    silenceNew() {
      isSilent = true;
    },
    admitNew() {
      isSilent = false;
    },
    refuse,
    [Symbol.asyncDispose]: refuse,
  };
}
