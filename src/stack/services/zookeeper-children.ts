// Asks ZooKeeper how many children a node has.
//
//   frame    := length:int32 body
//   connect  := protocolVersion:int32 lastZxid:int64 timeoutMs:int32 sessionId:int64 password:buffer
//   request  := xid:int32 type:int32 path:string watch:int8          type 8 = getChildren
//   answer   := xid:int32 zxid:int64 error:int32 count:int32 string*count
//   buffer, string := length:int32 bytes
import { exchangeTcp, withLength } from '../tcp-exchange.ts';

const getChildren = 8;
const sessionTimeoutMs = 4_000;
const passwordBytes = 16;

/** Returns undefined when ZooKeeper does not answer or has no such node. */
export async function countZookeeperChildren(port: number, path: string): Promise<number | undefined> {
  const send = Buffer.concat([withLength(connectBody()), withLength(requestBody(path))]);
  const answer = await exchangeTcp({ port, send, isAnswer: (bytes) => secondFrame(bytes) !== undefined });
  const frame = answer === undefined ? undefined : secondFrame(answer);
  if (frame?.readInt32BE(12) !== 0) return undefined;
  return frame.readInt32BE(16);
}

function connectBody(): Buffer {
  const body = Buffer.alloc(28 + passwordBytes);
  body.writeInt32BE(sessionTimeoutMs, 12);
  body.writeInt32BE(passwordBytes, 24);
  return body;
}

function requestBody(path: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(1, 0);
  head.writeInt32BE(getChildren, 4);
  return Buffer.concat([head, withLength(Buffer.from(path)), Buffer.alloc(1)]);
}

// The first frame answers the connect.
function secondFrame(bytes: Buffer): Buffer | undefined {
  const start = frameEnd(bytes, 0);
  const end = start === undefined ? undefined : frameEnd(bytes, start);
  return start === undefined || end === undefined ? undefined : bytes.subarray(start + 4, end);
}

function frameEnd(bytes: Buffer, start: number): number | undefined {
  if (bytes.length < start + 4) return undefined;
  const end = start + 4 + bytes.readInt32BE(start);
  return bytes.length < end ? undefined : end;
}
