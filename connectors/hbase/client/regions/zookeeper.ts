// The smallest ZooKeeper read: connect, getData or exists, leave. Frames both ways: int32BE length | body.
//   connect:  int32 0 | int64 0 | int32 timeoutMs | int64 0 | int32 16 | 16 zero bytes      → one reply
//   getData:  int32 xid | int32 4 | int32 n | path | byte 0                                  → xid | int64 zxid | int32 err | int32 n | data
//   close:    int32 xid | int32 -11
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { FrameBuffers } from '../wire/frame-buffers.ts';
import { FrameReceiver } from '../wire/frame-receiver.ts';
import type { ServerAddress } from '../messages/server-name.ts';
import { HBaseError } from '../exceptions.ts';

const sessionTimeoutMs = 30_000;
/** Twice what a node may hold (jute.maxbuffer). */
const maxReplyBytes = 2 * 1024 * 1024;
const getDataId = 1;
const opGetData = 4;
const opClose = -11;
const noNode = -101;

export interface ZookeeperRead {
  readonly servers: readonly ServerAddress[];
  readonly path: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Data of a node, from the first server that answers; undefined when there is no such node.
 * @throws HBaseError (backoff) naming each server and why it did not answer
 */
export async function readZnode(read: ZookeeperRead): Promise<Buffer | undefined> {
  const failures: string[] = [];
  for (const server of shuffled(read.servers)) {
    read.signal?.throwIfAborted();
    try {
      return await readFrom(server, read);
    } catch (error) {
      failures.push(
        `${server.host}:${server.port} ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  read.signal?.throwIfAborted();
  throw new HBaseError({
    message: `reading ${read.path} in ZooKeeper: ${failures.join('; ')}`,
    recovery: 'backoff',
  });
}

function readFrom(server: ServerAddress, read: ZookeeperRead): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: server.host, port: server.port, noDelay: true });
    const finish = (outcome: Buffer | undefined | Error): void => {
      clearTimeout(timer);
      read.signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    const onAbort = (): void => finish(new Error('aborted'));
    const timer = setTimeout(
      () => finish(new Error(`did not answer within ${read.timeoutMs} ms`)),
      read.timeoutMs,
    );
    read.signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('error', finish);
    socket.on('close', () => finish(new Error('closed the connection')));
    socket.write(connectRequest());
    receiveReplies(socket, read.path, finish);
  });
}

/** Whatever comes, it ends in `finish`: who answers at an address that somebody typed may be anybody. */
function receiveReplies(
  socket: Socket,
  path: string,
  finish: (outcome: Buffer | undefined | Error) => void,
): void {
  let replies = 0;
  const receiver = new FrameReceiver(
    new FrameBuffers(),
    ({ buffer, length }) => {
      replies += 1;
      if (replies === 1) socket.write(getDataRequest(path));
      else if (replies === 2) finish(readGetDataReply(socket, buffer.subarray(0, length)));
    },
    { peer: 'ZooKeeper', maxBytes: maxReplyBytes },
  );
  socket.on('data', (chunk) => {
    try {
      receiver.push(chunk, chunk.length);
    } catch (error) {
      finish(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function connectRequest(): Buffer {
  const frame = Buffer.alloc(4 + 44);
  frame.writeInt32BE(44, 0);
  frame.writeInt32BE(sessionTimeoutMs, 4 + 12);
  frame.writeInt32BE(16, 4 + 24);
  return frame;
}

function getDataRequest(path: string): Buffer {
  const name = Buffer.from(path);
  const frame = Buffer.alloc(4 + 13 + name.length);
  let at = frame.writeInt32BE(13 + name.length, 0);
  at = frame.writeInt32BE(getDataId, at);
  at = frame.writeInt32BE(opGetData, at);
  at = frame.writeInt32BE(name.length, at);
  name.copy(frame, at);
  return frame;
}

function readGetDataReply(socket: Socket, reply: Buffer): Buffer | undefined | Error {
  socket.write(closeRequest());
  if (reply.length < 16 || reply.readInt32BE(0) !== getDataId)
    return new Error('gave no answer of ZooKeeper to what was asked');
  const error = reply.readInt32BE(12);
  if (error === noNode) return undefined;
  if (error !== 0) return new Error(`answered with error ${error}`);
  const length = reply.length < 20 ? -1 : reply.readInt32BE(16);
  if (length < 0 || 20 + length > reply.length) return new Error('gave an answer without its data');
  return Buffer.from(reply.subarray(20, 20 + length));
}

function closeRequest(): Buffer {
  const frame = Buffer.alloc(12);
  frame.writeInt32BE(8, 0);
  frame.writeInt32BE(2, 4);
  frame.writeInt32BE(opClose, 8);
  return frame;
}

/** Spreads the clients over the quorum. */
function shuffled<T>(items: readonly T[]): T[] {
  const start = Math.floor(Math.random() * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
