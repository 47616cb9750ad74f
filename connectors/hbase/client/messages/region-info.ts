// RegionInfo{1! uint64 region_id 2! TableName 3 bytes start_key 4 bytes end_key 5 bool offline 6 bool split 7 int32 replica_id=0}
// RegionSpecifier{1! enum type REGION_NAME=1|ENCODED_REGION_NAME=2  2! bytes value}
// TableState{1! enum ENABLED0 DISABLED1 DISABLING2 ENABLING3}
import { ProtoReader } from '../wire/proto-reader.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';
import { readTableName, writeTableName } from './table-name.ts';

export interface RegionInfo {
  /** Creation time in ms; of two regions that overlap the higher is the newer. */
  readonly regionId: bigint;
  readonly table: string;
  /** Inclusive; empty = from the first row. */
  readonly startKey: Buffer;
  /** Exclusive; empty = to the last row. */
  readonly endKey: Buffer;
  readonly offline: boolean;
  /** A parent whose daughters took over. */
  readonly split: boolean;
  readonly replicaId: number;
}

export function writeRegionInfo(info: RegionInfo): (writer: ProtoWriter) => void {
  return (writer) =>
    writer
      .uint64(1, info.regionId)
      .message(2, writeTableName(info.table))
      .bytes(3, info.startKey)
      .bytes(4, info.endKey)
      .bool(5, info.offline)
      .bool(6, info.split)
      .int32(7, info.replicaId);
}

/** The keys are copies: region infos outlive the frame they came in. */
export function readRegionInfo(bytes: Uint8Array): RegionInfo {
  const reader = new ProtoReader(bytes);
  let [regionId, table, replicaId] = [0n, '', 0];
  let [startKey, endKey] = [Buffer.alloc(0), Buffer.alloc(0)];
  let [offline, split] = [false, false];
  while (reader.next()) {
    if (reader.field === 1) regionId = reader.uint64();
    else if (reader.field === 2) table = readTableName(reader.bytes());
    else if (reader.field === 3) startKey = Buffer.from(reader.bytes());
    else if (reader.field === 4) endKey = Buffer.from(reader.bytes());
    else if (reader.field === 5) offline = reader.bool();
    else if (reader.field === 6) split = reader.bool();
    else if (reader.field === 7) replicaId = reader.int32();
    else reader.skip();
  }
  return { regionId, table, startKey, endKey, offline, split, replicaId };
}

const byName = 1;
const byEncodedName = 2;

/** Regions are always addressed by their full name, which changes with every split and merge. */
export function writeRegionByName(name: Uint8Array): (writer: ProtoWriter) => void {
  return (writer) => writer.uint32(1, byName).bytes(2, name);
}

/** The master's calls take the 32 hex digits at the end of the name. */
export function writeRegionByEncodedName(name: Uint8Array): (writer: ProtoWriter) => void {
  return (writer) => writer.uint32(1, byEncodedName).bytes(2, encodedRegionName(name));
}

export function readRegionSpecifier(bytes: Uint8Array): { encoded: boolean; name: Buffer } {
  const reader = new ProtoReader(bytes);
  let encoded = false;
  let name = Buffer.alloc(0);
  while (reader.next()) {
    if (reader.field === 1) encoded = reader.uint32() === byEncodedName;
    else if (reader.field === 2) name = Buffer.from(reader.bytes());
    else reader.skip();
  }
  return { encoded, name };
}

/** `<table>,<start>,<id>.<md5>.` → `<md5>` */
export function encodedRegionName(name: Uint8Array): Buffer {
  return Buffer.from(name.subarray(name.length - 33, name.length - 1));
}

const tableStates = ['ENABLED', 'DISABLED', 'DISABLING', 'ENABLING'] as const;
export type TableState = (typeof tableStates)[number];

export function writeTableState(state: TableState): (writer: ProtoWriter) => void {
  return (writer) => writer.uint32(1, tableStates.indexOf(state));
}

export function readTableState(bytes: Uint8Array): TableState {
  const reader = new ProtoReader(bytes);
  let state = 0;
  while (reader.next()) {
    if (reader.field === 1) state = reader.uint32();
    else reader.skip();
  }
  return tableStates[state] ?? 'ENABLED';
}
