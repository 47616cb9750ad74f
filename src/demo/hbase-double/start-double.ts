// The demo's double of HBase: NOT HBase (see README.md beside this). One TCP server on loopback that is master, region server and
// registry in one.
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { FrameBuffers } from '../../../connectors/hbase/client/wire/frame-buffers.ts';
import { FrameReceiver } from '../../../connectors/hbase/client/wire/frame-receiver.ts';
import { decodeConnectionHeader, preamble } from '../../../connectors/hbase/client/wire/connection-header.ts';
import type { ServiceName } from '../../../connectors/hbase/client/wire/connection-header.ts';
import {
  decodeRequest,
  encodeExceptionResponse,
  encodeResponse,
} from '../../../connectors/hbase/client/wire/frame.ts';
import { clientService } from './client-service.ts';
import type { DoubleContext, ServiceCalls } from './double-context.ts';
import { DoubleError, unsupported } from './double-error.ts';
import { DoubleScanners } from './double-scanners.ts';
import { DoubleTables } from './double-table.ts';
import { masterService } from './master-service.ts';
import { adminService, registryService } from './region-services.ts';

export interface HbaseDouble {
  readonly host: string;
  readonly port: number;
  /** Most scanners of long reads that were open at a time. */
  readonly peakScanners: number;
  /** From now on there is no master, as between one's end and the next one's start; regions are served all the same. */
  stopMaster(): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';

export async function startHbaseDouble(): Promise<HbaseDouble> {
  const sockets = new Set<Socket>();
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const context: DoubleContext = {
    server: { host, port, startCode: BigInt(Date.now()) },
    tables: new DoubleTables(),
    scanners: new DoubleScanners(),
    hasMaster: true,
  };
  const services: Readonly<Record<ServiceName, ServiceCalls>> = {
    ClientService: clientService(context),
    MasterService: masterService(context),
    AdminService: adminService(context),
    ClientMetaService: registryService(context),
  };
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveSocket(socket, services);
  });
  const stopMaster = (): void => {
    context.hasMaster = false;
  };
  return {
    host,
    port,
    get peakScanners() {
      return context.scanners.peak;
    },
    stopMaster,
    close: () => closeAll(server, sockets),
  };
}

async function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}

/** Preamble, then the connection header, then requests, each answered before the next is read. */
function serveSocket(socket: Socket, services: Readonly<Record<string, ServiceCalls>>): void {
  let calls: ServiceCalls | undefined;
  let preambleLeft = preamble.length;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  const receiver = new FrameReceiver(new FrameBuffers(), (frame) => {
    const bytes = frame.buffer.subarray(0, frame.length);
    if (calls === undefined) calls = services[decodeConnectionHeader(bytes).serviceName] ?? {};
    else socket.write(answer(calls, bytes));
    frame.release();
  });
  socket.on('data', (chunk: Buffer) => {
    const skipped = Math.min(preambleLeft, chunk.length);
    preambleLeft -= skipped;
    try {
      receiver.push(chunk.subarray(skipped), chunk.length - skipped);
    } catch {
      // Not HBase's protocol: nothing more can be understood on this socket.
      socket.destroy();
    }
  });
}

function answer(calls: ServiceCalls, frame: Buffer): Buffer {
  const { callId, method, param, cellBlock } = decodeRequest(frame);
  try {
    const call = calls[method];
    if (call === undefined) throw unsupported(`the method ${method}`);
    const { message, cells } = call(param, cellBlock);
    return encodeResponse(callId, message, cells);
  } catch (error) {
    const { className, message, doNotRetry } = error instanceof DoubleError ? error : internal(error);
    const stackTrace = `${className}: ${message}`;
    return encodeExceptionResponse(callId, { className, stackTrace, doNotRetry, serverOverloaded: false });
  }
}

function internal(error: unknown): DoubleError {
  return new DoubleError(
    'DoNotRetryIOException',
    error instanceof Error ? error.message : String(error),
    true,
  );
}
