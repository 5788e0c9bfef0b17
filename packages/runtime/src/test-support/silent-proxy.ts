import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A proxy to a server on which connections can stop responding: they stay open, and no data arrives. */
export interface SilentProxy extends AsyncDisposable {
  /** The URL of the server, through the proxy. */
  readonly url: string;
  /** Open connections that still respond. */
  readonly connections: number;
  /** Connections that were made while new ones did not respond. */
  readonly swallowed: number;
  /** Open connections stop responding. */
  silenceOpen(): void;
  /** New connections are accepted, but do not respond. */
  silenceNew(): void;
  /** New connections are refused, and open ones are broken. */
  refuse(): Promise<void>;
  /** New connections work again. Those that have stopped responding do not. */
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
      // A connection that does not respond is not notified of the end of its peer either.
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
