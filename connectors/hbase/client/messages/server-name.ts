// ServerName{1! string host 2 uint32 port 3 uint64 start_code}; the start code tells a restarted server from its predecessor.
import { ProtoReader } from '../wire/proto-reader.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ServerName {
  readonly host: string;
  readonly port: number;
  /** Milliseconds when the server started; 0 = unknown. */
  readonly startCode: bigint;
}

export function writeServerName(server: ServerName): (writer: ProtoWriter) => void {
  return (writer) => writer.string(1, server.host).uint32(2, server.port).uint64(3, server.startCode);
}

export function readServerName(bytes: Uint8Array): ServerName {
  const reader = new ProtoReader(bytes);
  let host = '';
  let port = 0;
  let startCode = 0n;
  while (reader.next()) {
    if (reader.field === 1) host = reader.string();
    else if (reader.field === 2) port = reader.uint32();
    else if (reader.field === 3) startCode = reader.uint64();
    else reader.skip();
  }
  return { host, port, startCode };
}

/** Key of a server's address; start codes share it, because the socket is the same. */
export function addressOf(server: ServerName): string {
  return `${server.host}:${server.port}`;
}
