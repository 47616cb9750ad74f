// Frames of both directions.
//   request:  int32BE total | varint n RequestHeader  | varint n param   | [cell block]
//   response: int32BE total | varint n ResponseHeader | [varint n message | cell block]
// RequestHeader{1 uint32 call_id 3 string method_name 4 bool request_param 5 CellBlockMeta{1 uint32 length} 6 uint32 priority 7 uint32 timeout}
// ResponseHeader{1 uint32 call_id 2 ExceptionResponse 3 CellBlockMeta}
// ExceptionResponse{1 string exception_class_name 2 string stack_trace 3 string hostname 4 int32 port 5 bool do_not_retry 6 bool server_overloaded}
// The cell block is the last `length` bytes of a frame; with an exception there is neither message nor block.
import { unreadable } from '../hbase-error.ts';
import { ProtoReader, readDelimited } from './proto-reader.ts';
import { encodeMessage, varintSize, writeVarint } from './proto-writer.ts';
import type { ProtoWriter } from './proto-writer.ts';

const noBytes = Buffer.alloc(0);

export interface Request {
  readonly callId: number;
  readonly method: string;
  readonly param: Uint8Array;
  readonly cellBlock?: Uint8Array | undefined;
  readonly priority?: number | undefined;
  /** The server drops the call after it, and ends a scan's response at half of it. */
  readonly timeoutMs: number;
}

export function encodeRequest(request: Request): Buffer {
  const header = encodeMessage((writer) =>
    writer
      .uint32(1, request.callId)
      .string(3, request.method)
      .bool(4, true)
      .message(5, blockMeta(request.cellBlock))
      .uint32(6, request.priority)
      .uint32(7, request.timeoutMs),
  );
  return encodeFrame(header, request.param, request.cellBlock);
}

/** A request as a server reads it; `frame` is what follows the int32. */
export function decodeRequest(frame: Uint8Array): Request & { param: Buffer; cellBlock: Buffer } {
  const header = readDelimited(frame, 0, frame.length);
  let [callId, method, blockLength, timeoutMs, priority] = [0, '', 0, 0, 0];
  while (header.next()) {
    if (header.field === 1) callId = header.uint32();
    else if (header.field === 3) method = header.string();
    else if (header.field === 5) blockLength = readBlockLength(header.bytes());
    else if (header.field === 6) priority = header.uint32();
    else if (header.field === 7) timeoutMs = header.uint32();
    else header.skip();
  }
  const message = readDelimited(frame, header.end, frame.length - blockLength);
  const param = viewOf(frame, message.offset, message.end);
  return { callId, method, param, priority, timeoutMs, cellBlock: viewOf(frame, message.end, frame.length) };
}

/** An exception as the server words it. */
export interface RemoteException {
  readonly className: string;
  readonly stackTrace: string;
  /** The server that RegionMovedException names. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly doNotRetry: boolean;
  readonly serverOverloaded: boolean;
}

/** Call id −1 as the unsigned number that arrives: the server refused the connection itself. */
export const connectionRefusedCallId = 0xffffffff;

export interface Response {
  readonly callId: number;
  readonly exception?: RemoteException;
  /** Range of the message in the frame; empty with an exception. */
  readonly messageStart: number;
  readonly messageEnd: number;
  readonly blockStart: number;
  readonly blockEnd: number;
}

/** Reads the header of a frame (`frame[start, end)` is what follows the int32). */
export function decodeResponse(frame: Uint8Array, start: number, end: number): Response {
  const header = readDelimited(frame, start, end);
  let [callId, blockLength] = [0, 0];
  let exception: RemoteException | undefined;
  while (header.next()) {
    if (header.field === 1) callId = header.uint32();
    else if (header.field === 2) exception = readException(header.bytes());
    else if (header.field === 3) blockLength = readBlockLength(header.bytes());
    else header.skip();
  }
  if (exception !== undefined) {
    return { callId, exception, messageStart: end, messageEnd: end, blockStart: end, blockEnd: end };
  }
  const blockStart = end - blockLength;
  if (header.end === end)
    return { callId, messageStart: end, messageEnd: end, blockStart: end, blockEnd: end };
  const message = readDelimited(frame, header.end, blockStart);
  if (message.end !== blockStart) {
    throw unreadable('reading a response: message and cell block leave a gap');
  }
  return { callId, messageStart: message.offset, messageEnd: message.end, blockStart, blockEnd: end };
}

export function encodeResponse(callId: number, message: Uint8Array, cellBlock?: Uint8Array): Buffer {
  const header = encodeMessage((writer) => writer.uint32(1, callId).message(3, blockMeta(cellBlock)));
  return encodeFrame(header, message, cellBlock);
}

export function encodeExceptionResponse(callId: number, exception: RemoteException): Buffer {
  const header = encodeMessage((writer) =>
    writer
      .uint32(1, callId)
      .message(2, (nested) =>
        nested
          .string(1, exception.className)
          .string(2, exception.stackTrace)
          .string(3, exception.host)
          .int32(4, exception.port)
          .bool(5, exception.doNotRetry)
          .bool(6, exception.serverOverloaded),
      ),
  );
  return encodeFrame(header, undefined, undefined);
}

function readException(bytes: Uint8Array): RemoteException {
  const reader = new ProtoReader(bytes);
  let [className, stackTrace, doNotRetry, serverOverloaded] = ['', '', false, false];
  let host: string | undefined;
  let port: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) className = reader.string();
    else if (reader.field === 2) stackTrace = reader.string();
    else if (reader.field === 3) host = reader.string();
    else if (reader.field === 4) port = reader.int32();
    else if (reader.field === 5) doNotRetry = reader.bool();
    else if (reader.field === 6) serverOverloaded = reader.bool();
    else reader.skip();
  }
  return { className, stackTrace, host, port, doNotRetry, serverOverloaded };
}

function blockMeta(cellBlock: Uint8Array | undefined): ((nested: ProtoWriter) => void) | undefined {
  if (cellBlock === undefined || cellBlock.length === 0) return undefined;
  return (nested) => nested.uint32(1, cellBlock.length);
}

function readBlockLength(bytes: Uint8Array): number {
  const reader = new ProtoReader(bytes);
  let length = 0;
  while (reader.next()) {
    if (reader.field === 1) length = reader.uint32();
    else reader.skip();
  }
  return length;
}

function encodeFrame(
  header: Uint8Array,
  message: Uint8Array | undefined,
  cellBlock: Uint8Array = noBytes,
): Buffer {
  const messageSize = message === undefined ? 0 : varintSize(message.length) + message.length;
  const total = varintSize(header.length) + header.length + messageSize + cellBlock.length;
  const frame = Buffer.allocUnsafe(4 + total);
  let at = frame.writeInt32BE(total, 0);
  at = writeVarint(frame, at, header.length);
  frame.set(header, at);
  at += header.length;
  if (message !== undefined) {
    at = writeVarint(frame, at, message.length);
    frame.set(message, at);
    at += message.length;
  }
  frame.set(cellBlock, at);
  return frame;
}

function viewOf(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}
