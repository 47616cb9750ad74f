// GetClusterStatusRequest{1* enum Option LIVE_SERVERS2 MASTER4}  GetClusterStatusResponse{1! ClusterStatus}
// ClusterStatus{1 HBaseVersionFileContent{1! string} 2* LiveServerInfo{1! ServerName 2! ServerLoad} 7 ServerName master}
// ServerLoad{1 … 7 uint64 report_start_time 8 uint64 report_end_time}: the server's own clock when it last reported
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import { readServerName, writeServerName } from './server-name.ts';
import type { ServerName } from './server-name.ts';

export interface LiveServer {
  readonly server: ServerName;
  /** The server's clock at its last report, ms since the epoch. */
  readonly reportedAtMs: number;
}

export interface ClusterStatus {
  readonly version: string;
  readonly liveServers: readonly LiveServer[];
}

const options = { version: 0, liveServers: 2 } as const;

export function encodeClusterStatusRequest(): Buffer {
  return encodeMessage((writer) => writer.uint32(1, options.version).uint32(1, options.liveServers));
}

export function decodeClusterStatusResponse(bytes: Uint8Array): ClusterStatus {
  const reader = new ProtoReader(bytes);
  let status: ClusterStatus = { version: '', liveServers: [] };
  while (reader.next()) {
    if (reader.field === 1) status = readClusterStatus(reader.bytes());
    else reader.skip();
  }
  return status;
}

export function encodeClusterStatusResponse(status: ClusterStatus): Buffer {
  return encodeMessage((writer) =>
    writer.message(1, (nested) => {
      nested.message(1, (version) => version.string(1, status.version));
      for (const { server, reportedAtMs } of status.liveServers) {
        nested.message(2, (live) =>
          live.message(1, writeServerName(server)).message(2, (load) => load.uint64(8, BigInt(reportedAtMs))),
        );
      }
    }),
  );
}

function readClusterStatus(bytes: Uint8Array): ClusterStatus {
  const reader = new ProtoReader(bytes);
  const liveServers: LiveServer[] = [];
  let version = '';
  while (reader.next()) {
    if (reader.field === 1) version = readVersion(reader.bytes());
    else if (reader.field === 2) liveServers.push(readLiveServer(reader.bytes()));
    else reader.skip();
  }
  return { version, liveServers };
}

function readVersion(bytes: Uint8Array): string {
  const reader = new ProtoReader(bytes);
  return reader.next() ? reader.string() : '';
}

function readLiveServer(bytes: Uint8Array): LiveServer {
  const reader = new ProtoReader(bytes);
  let server: ServerName = { host: '', port: 0, startCode: 0n };
  let reportedAtMs = 0;
  while (reader.next()) {
    if (reader.field === 1) server = readServerName(reader.bytes());
    else if (reader.field === 2) reportedAtMs = readReportEnd(reader.bytes());
    else reader.skip();
  }
  return { server, reportedAtMs };
}

function readReportEnd(bytes: Uint8Array): number {
  const reader = new ProtoReader(bytes);
  let time = 0n;
  while (reader.next()) {
    if (reader.field === 8) time = reader.uint64();
    else reader.skip();
  }
  return Number(time);
}
