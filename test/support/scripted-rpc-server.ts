// A TCP server for tests of the HBase connection: reads handshake and requests as a server does, answers what the test tells it.
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { decodeConnectionHeader, preamble } from '../../connectors/hbase/client/wire/connection-header.ts';
import type { ConnectionHeader } from '../../connectors/hbase/client/wire/connection-header.ts';
import { decodeRequest } from '../../connectors/hbase/client/wire/frame.ts';

type ReceivedRequest = ReturnType<typeof decodeRequest>;

export interface Script {
  /** Called with each request; write whole frames to the socket whenever it suits. */
  onRequest?(request: ReceivedRequest, socket: Socket): void;
  /** Called once the handshake is read. */
  onHandshake?(header: ConnectionHeader, socket: Socket): void;
}

export interface ScriptedServer {
  readonly port: number;
  readonly handshakes: readonly ConnectionHeader[];
  readonly requests: readonly ReceivedRequest[];
  close(): Promise<void>;
}

export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const handshakes: ConnectionHeader[] = [];
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    readFrames(socket, (frame, isHandshake) => {
      if (isHandshake) {
        const header = decodeConnectionHeader(frame);
        handshakes.push(header);
        script.onHandshake?.(header, socket);
      } else {
        const request = decodeRequest(frame);
        requests.push(request);
        script.onRequest?.(request, socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    handshakes,
    requests,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function readFrames(socket: Socket, onFrame: (frame: Buffer, isHandshake: boolean) => void): void {
  let received = Buffer.alloc(0);
  let skipped = preamble.length;
  let first = true;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < skipped) return;
    received = received.subarray(skipped);
    skipped = 0;
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const end = 4 + received.readInt32BE(0);
      onFrame(Buffer.from(received.subarray(4, end)), first);
      first = false;
      received = received.subarray(end);
    }
  });
}
