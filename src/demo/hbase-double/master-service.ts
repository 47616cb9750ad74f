// MasterService of the double: tables, and the state of the cluster. Changes are done when they are answered.
import { encodeClusterStatusResponse } from '../../../connectors/hbase/client/messages/cluster-status.ts';
import {
  encodeProcedureId,
  encodeProcedureResult,
} from '../../../connectors/hbase/client/messages/master.ts';
import { canonicalTableName, readTableName } from '../../../connectors/hbase/client/messages/table-name.ts';
import {
  decodeTableDescriptorsRequest,
  encodeNamespacesResponse,
  encodeTableDescriptorsResponse,
  encodeTableNamesResponse,
  readTableSchema,
} from '../../../connectors/hbase/client/messages/table-schema.ts';
import type { TableSchema } from '../../../connectors/hbase/client/messages/table-schema.ts';
import { ProtoReader } from '../../../connectors/hbase/client/wire/proto-reader.ts';
import type { DoubleContext, Reply, ServiceCalls } from './double-context.ts';

/** What the master tells as its version: nobody takes it for a release. */
const version = 'demo-double';
const doneProcedure = 1n;

export function masterService({ tables, server }: DoubleContext): ServiceCalls {
  const changed = (): Reply => ({ message: encodeProcedureId(doneProcedure) });
  return {
    GetClusterStatus: () => {
      const liveServers = [{ server, reportedAtMs: Date.now() }];
      return { message: encodeClusterStatusResponse({ version, liveServers }) };
    },
    CreateTable: (param) => {
      const { schema, splitKeys } = readCreateTable(param);
      tables.create(schema, splitKeys);
      return changed();
    },
    DeleteTable: (param) => {
      tables.remove(readTable(param));
      return changed();
    },
    DisableTable: (param) => {
      tables.setState(readTable(param), 'DISABLED');
      return changed();
    },
    EnableTable: (param) => {
      tables.setState(readTable(param), 'ENABLED');
      return changed();
    },
    getProcedureResult: () => ({ message: encodeProcedureResult('finished') }),
    GetTableDescriptors: (param) => {
      const wanted = decodeTableDescriptorsRequest(param).map(canonicalTableName);
      const schemas = tables.all().map(({ schema }) => schema);
      const found = schemas.filter(({ table }) => wanted.length === 0 || wanted.includes(table));
      return { message: encodeTableDescriptorsResponse(found) };
    },
    GetTableNames: () => ({
      message: encodeTableNamesResponse(tables.all().map(({ schema }) => schema.table)),
    }),
    ListNamespaceDescriptors: () => ({ message: encodeNamespacesResponse(['default', 'hbase']) }),
  };
}

/** CreateTableRequest{1! TableSchema 2* bytes split_keys …} */
function readCreateTable(param: Buffer): { schema: TableSchema; splitKeys: Buffer[] } {
  const reader = new ProtoReader(param);
  let schema: TableSchema = { table: '', attributes: new Map(), families: [] };
  const splitKeys: Buffer[] = [];
  while (reader.next()) {
    if (reader.field === 1) schema = copySchema(readTableSchema(reader.bytes()));
    else if (reader.field === 2) splitKeys.push(Buffer.from(reader.bytes()));
    else reader.skip();
  }
  return { schema, splitKeys };
}

/** The frame's buffer is used again. */
function copySchema({ table, attributes, families }: TableSchema): TableSchema {
  return {
    table: canonicalTableName(table),
    attributes,
    families: families.map(({ name, attributes }) => ({ name: Buffer.from(name), attributes })),
  };
}

/** Of DeleteTable, DisableTable, EnableTable: {1! TableName …} */
function readTable(param: Buffer): string {
  const reader = new ProtoReader(param);
  return reader.next() ? canonicalTableName(readTableName(reader.bytes())) : '';
}
