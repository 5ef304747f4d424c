import { Socket } from 'node:net';

/** The sockets of a pool's connections, so that all of them can be given up at once. */
export class PoolSockets {
  private readonly open = new Set<Socket>();

  /** Makes one, as pg asks for it by its option `stream`. */
  readonly create = (): Socket => {
    const socket = new Socket();
    this.open.add(socket);
    return socket.once('close', () => this.open.delete(socket));
  };

  /** Breaks every connection: its statement fails with the error, and the pool forgets it. */
  giveUp(error: Error): void {
    for (const socket of this.open) socket.destroy(error);
  }
}
