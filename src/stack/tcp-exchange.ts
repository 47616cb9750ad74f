// One question over TCP to 127.0.0.1 and its answer: what ready checks are made of.
import { connect } from 'node:net';

export interface TcpExchange {
  readonly port: number;
  /** sent at once after connecting; nothing for a server that speaks first */
  readonly send?: Buffer;
  /** true when these bytes, all that came so far, are the whole answer */
  readonly isAnswer: (received: Buffer) => boolean;
}

const timeoutMs = 2_000;

/** Returns the answer, or undefined when there is none: refused, closed early, or too late. Never throws. */
export function exchangeTcp(exchange: TcpExchange): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let received: Buffer = Buffer.alloc(0);
    const socket = connect(exchange.port, '127.0.0.1');
    const finish = (answer: Buffer | undefined) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish(undefined));
    socket.once('error', () => finish(undefined));
    socket.once('close', () => finish(undefined));
    socket.once('connect', () => {
      if (exchange.send !== undefined) socket.write(exchange.send);
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (exchange.isAnswer(received)) finish(received);
    });
  });
}

/** The usual frame of binary protocols: four bytes of length, then that many bytes. */
export function withLength(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}
