// TableSchema{1 TableName 2* BytesBytesPair attributes 3* ColumnFamilySchema{1! bytes name 2* BytesBytesPair attributes}}
// GetTableDescriptorsRequest{1* TableName 2 string regex 3 bool include_sys_tables 4 string namespace} → {1* TableSchema}
// GetTableNamesRequest{1 string regex 2 bool include_sys_tables 3 string namespace} → {1* TableName}
// ListNamespaceDescriptorsRequest{} → {1* NamespaceDescriptor{1! bytes name}}
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';
import { readTableName, writeTableName } from './table-name.ts';

interface FamilySchema {
  readonly name: Buffer;
  /** As HBase spells them, e.g. VERSIONS, TTL, COMPRESSION, KEEP_DELETED_CELLS; values are text. */
  readonly attributes: ReadonlyMap<string, string>;
}

export interface TableSchema {
  readonly table: string;
  /** Of the table as a whole, e.g. DURABILITY, coprocessor$1. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly families: readonly FamilySchema[];
}

export function writeTableSchema(schema: TableSchema): (writer: ProtoWriter) => void {
  return (writer) => {
    writer.message(1, writeTableName(schema.table));
    writeAttributes(writer, schema.attributes);
    for (const family of schema.families) writer.message(3, (nested) => writeFamily(nested, family));
  };
}

function writeFamily(writer: ProtoWriter, family: FamilySchema): void {
  writer.bytes(1, family.name);
  writeAttributes(writer, family.attributes);
}

function writeAttributes(writer: ProtoWriter, attributes: ReadonlyMap<string, string>): void {
  for (const [name, value] of attributes)
    writer.message(2, (pair) => pair.bytes(1, Buffer.from(name)).bytes(2, Buffer.from(value)));
}

export function readTableSchema(bytes: Uint8Array): TableSchema {
  const reader = new ProtoReader(bytes);
  const families: FamilySchema[] = [];
  const attributes = new Map<string, string>();
  let table = '';
  while (reader.next()) {
    if (reader.field === 1) table = readTableName(reader.bytes());
    else if (reader.field === 2) readAttribute(reader.bytes(), attributes);
    else if (reader.field === 3) families.push(readFamily(reader.bytes()));
    else reader.skip();
  }
  return { table, attributes, families };
}

function readFamily(bytes: Uint8Array): FamilySchema {
  const reader = new ProtoReader(bytes);
  const attributes = new Map<string, string>();
  let name = Buffer.alloc(0);
  while (reader.next()) {
    if (reader.field === 1) name = Buffer.from(reader.bytes());
    else if (reader.field === 2) readAttribute(reader.bytes(), attributes);
    else reader.skip();
  }
  return { name, attributes };
}

function readAttribute(bytes: Uint8Array, attributes: Map<string, string>): void {
  const pair = new ProtoReader(bytes);
  const texts = ['', ''];
  while (pair.next()) texts[pair.field - 1] = pair.string();
  attributes.set(texts[0] ?? '', texts[1] ?? '');
}

export function encodeTableDescriptorsRequest(tables: readonly string[]): Buffer {
  return encodeMessage((writer) => {
    for (const table of tables) writer.message(1, writeTableName(table));
    writer.bool(3, true);
  });
}

export function decodeTableDescriptorsRequest(bytes: Uint8Array): string[] {
  return repeated(bytes, readTableName);
}

export function decodeTableDescriptorsResponse(bytes: Uint8Array): TableSchema[] {
  return repeated(bytes, readTableSchema);
}

export function encodeTableDescriptorsResponse(schemas: readonly TableSchema[]): Buffer {
  return encodeMessage((writer) => {
    for (const schema of schemas) writer.message(1, writeTableSchema(schema));
  });
}

export function encodeTableNamesRequest(namespace: string | undefined): Buffer {
  return encodeMessage((writer) => writer.bool(2, false).string(3, namespace));
}

export function decodeTableNamesResponse(bytes: Uint8Array): string[] {
  return repeated(bytes, readTableName);
}

export function encodeTableNamesResponse(tables: readonly string[]): Buffer {
  return encodeMessage((writer) => {
    for (const table of tables) writer.message(1, writeTableName(table));
  });
}

export function decodeNamespacesResponse(bytes: Uint8Array): string[] {
  return repeated(bytes, (descriptor) => {
    const reader = new ProtoReader(descriptor);
    return reader.next() ? reader.string() : '';
  });
}

export function encodeNamespacesResponse(namespaces: readonly string[]): Buffer {
  return encodeMessage((writer) => {
    for (const namespace of namespaces)
      writer.message(1, (nested) => nested.bytes(1, Buffer.from(namespace)));
  });
}

/** All messages of field 1. */
function repeated<T>(bytes: Uint8Array, read: (message: Buffer) => T): T[] {
  const reader = new ProtoReader(bytes);
  const found: T[] = [];
  while (reader.next()) {
    if (reader.field === 1) found.push(read(reader.bytes()));
    else reader.skip();
  }
  return found;
}
