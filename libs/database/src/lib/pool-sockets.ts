import { Socket } from 'node:net';

/** The sockets of pools' connections, so that those on which nothing comes back can be given up at once. */
export class PoolSockets {
  private readonly open = new Set<Socket>();

  /** Makes one, as pg asks for it by its option `stream`. */
  readonly create = (): Socket => {
    const socket = new Socket();
    this.open.add(socket);
    return socket.once('close', () => this.open.delete(socket));
  };

  /** Returns what breaks the connections on which nothing has come since: a statement on one fails with the error. */
  watch(): (error: Error) => void {
    const read = new Map([...this.open].map((socket) => [socket, socket.bytesRead]));
    return (error) => {
      for (const [socket, bytes] of read) if (socket.bytesRead === bytes) socket.destroy(error);
    };
  }
}
