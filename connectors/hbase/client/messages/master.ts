// MasterService: tables. Changes are procedures of the master: the answer is an id, the outcome is asked for with it.
// CreateTableRequest{1! TableSchema 2* bytes split_keys 3 uint64 nonce_group 4 uint64 nonce}
// DeleteTable/DisableTable/EnableTableRequest{1! TableName 2 uint64 nonce_group 3 uint64 nonce}
// SplitRegion: SplitTableRegionRequest{1! RegionInfo 2 bytes split_row 3 uint64 nonce_group 4 uint64 nonce}
// CreateNamespaceRequest{1! NamespaceDescriptor{1! bytes name} 2, 3 nonces}  DeleteNamespaceRequest{1! string 2, 3 nonces}
//   all → {1 uint64 proc_id}; the nonce makes a call that is sent twice one change
// MoveRegionRequest{1! RegionSpecifier(encoded) 2 ServerName dest} → {}
// getProcedureResult: {1! uint64 proc_id} → {1! enum NOT_FOUND0 RUNNING1 FINISHED2  5 ForeignExceptionMessage}
// ForeignExceptionMessage{1 string source 2 GenericExceptionMessage{1 string class_name 2 string message}}
import { randomBytes } from 'node:crypto';
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';
import { writeRegionByEncodedName, writeRegionInfo } from './region-info.ts';
import type { RegionInfo } from './region-info.ts';
import { writeServerName } from './server-name.ts';
import type { ServerName } from './server-name.ts';
import { writeTableName } from './table-name.ts';
import { writeTableSchema } from './table-schema.ts';
import type { TableSchema } from './table-schema.ts';

export function encodeCreateTable(schema: TableSchema, splitKeys: readonly Uint8Array[]): Buffer {
  return encodeMessage((writer) => {
    writer.message(1, writeTableSchema(schema));
    for (const key of splitKeys) writer.bytes(2, key);
    writeNonce(writer, 3);
  });
}

/** DeleteTable, DisableTable and EnableTable. */
export function encodeTableChange(table: string): Buffer {
  return encodeMessage((writer) => writeNonce(writer.message(1, writeTableName(table)), 2));
}

export function encodeSplitRegion(info: RegionInfo, splitRow: Uint8Array): Buffer {
  return encodeMessage((writer) =>
    writeNonce(writer.message(1, writeRegionInfo(info)).bytes(2, splitRow), 3),
  );
}

export function encodeMoveRegion(regionName: Uint8Array, destination: ServerName): Buffer {
  return encodeMessage((writer) =>
    writer.message(1, writeRegionByEncodedName(regionName)).message(2, writeServerName(destination)),
  );
}

export function encodeCreateNamespace(namespace: string): Buffer {
  return encodeMessage((writer) =>
    writeNonce(
      writer.message(1, (nested) => nested.bytes(1, Buffer.from(namespace))),
      2,
    ),
  );
}

export function encodeDeleteNamespace(namespace: string): Buffer {
  return encodeMessage((writer) => writeNonce(writer.string(1, namespace), 2));
}

function writeNonce(writer: ProtoWriter, field: number): void {
  const nonces = randomBytes(16);
  writer.uint64(field, nonces.readBigUInt64BE(0)).uint64(field + 1, nonces.readBigUInt64BE(8));
}

/** Id of the procedure that does the change; undefined when the master had nothing to do. */
export function decodeProcedureId(bytes: Uint8Array): bigint | undefined {
  const reader = new ProtoReader(bytes);
  let id: bigint | undefined;
  while (reader.next()) {
    if (reader.field === 1) id = reader.uint64();
    else reader.skip();
  }
  return id;
}

export function encodeProcedureId(id: bigint): Buffer {
  return encodeMessage((writer) => writer.uint64(1, id));
}

export interface ProcedureResult {
  readonly state: 'not-found' | 'running' | 'finished';
  readonly exception?: { readonly className: string; readonly message: string };
}

const procedureStates = ['not-found', 'running', 'finished'] as const;

export function decodeProcedureResult(bytes: Uint8Array): ProcedureResult {
  const reader = new ProtoReader(bytes);
  let state = 0;
  let exception: ProcedureResult['exception'];
  while (reader.next()) {
    if (reader.field === 1) state = reader.uint32();
    else if (reader.field === 5) exception = readForeignException(reader.bytes());
    else reader.skip();
  }
  return { state: procedureStates[state] ?? 'not-found', ...(exception && { exception }) };
}

export function encodeProcedureResult(state: ProcedureResult['state']): Buffer {
  return encodeMessage((writer) => writer.uint32(1, procedureStates.indexOf(state)));
}

function readForeignException(bytes: Uint8Array): { className: string; message: string } {
  const reader = new ProtoReader(bytes);
  let [className, message] = ['', ''];
  while (reader.next()) {
    if (reader.field !== 2) {
      reader.skip();
      continue;
    }
    const generic = new ProtoReader(reader.bytes());
    while (generic.next()) {
      if (generic.field === 1) className = generic.string();
      else if (generic.field === 2) message = generic.string();
      else generic.skip();
    }
  }
  return { className, message };
}
