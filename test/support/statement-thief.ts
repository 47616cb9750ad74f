// A man in the middle before a MySQL server who answers one statement himself, as a proxy that forbids it or passes over it.
import { once } from 'node:events';
import * as net from 'node:net';

export interface StatementThief {
  readonly host: string;
  readonly port: number;
  /** Resolves when no client is connected any more. */
  allGone(): Promise<void>;
  close(): Promise<void>;
}

/** The statement with the text `instead` is not passed on. */
export async function startStatementThief(
  target: { host: string; port: number },
  plan: { instead: string; answer: 'ok' | { errno: number; message: string } },
): Promise<StatementThief> {
  const clients = new Set<net.Socket>();
  const listener = net.createServer((client) => {
    const server = net.connect(target);
    clients.add(client);
    client.once('close', () => {
      clients.delete(client);
      listener.emit('gone');
    });
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      if (bytes.includes(plan.instead)) client.write(answerOf(plan.answer));
      else server.write(bytes);
    });
    server.on('data', (bytes: Buffer) => client.write(bytes));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    host: '127.0.0.1',
    port: (listener.address() as net.AddressInfo).port,
    allGone: async () => {
      while (clients.size > 0) await once(listener, 'gone');
    },
    close: async () => {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
      });
    },
  };
}

/** OK without anything, or an error: one packet, the first of the answer. */
function answerOf(answer: 'ok' | { errno: number; message: string }): Buffer {
  const body =
    answer === 'ok'
      ? Buffer.from([0, 0, 0, 2, 0, 0, 0])
      : Buffer.concat([
          Buffer.from([0xff, answer.errno & 0xff, answer.errno >> 8]),
          Buffer.from(`#42000${answer.message}`),
        ]);
  return Buffer.concat([Buffer.from([body.length, 0, 0, 1]), body]);
}
