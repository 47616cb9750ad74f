// TableName{1! bytes namespace 2! bytes qualifier}; written `namespace:qualifier`, or `qualifier` in namespace default.
import { SyncError } from '../../../../src/core/errors.ts';
import { ProtoReader } from '../wire/proto-reader.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';

const defaultNamespace = 'default';
const namespacePattern = /^[\p{L}\p{N}_]+$/u;
const qualifierPattern = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u;

/** Splits a table's full name. Throws BAD_INPUT for a name that HBase would refuse. */
export function splitTableName(table: string): { namespace: string; qualifier: string } {
  const colon = table.indexOf(':');
  const namespace = colon < 0 ? defaultNamespace : table.slice(0, colon);
  const qualifier = table.slice(colon + 1);
  if (!namespacePattern.test(namespace) || !qualifierPattern.test(qualifier)) {
    throw new SyncError('BAD_INPUT', {
      message: `reading the table name '${table}': HBase has no such names`,
    });
  }
  return { namespace, qualifier };
}

/** `default:users` and `users` are one table: the form that meta rows and messages to users carry. */
export function canonicalTableName(table: string): string {
  const { namespace, qualifier } = splitTableName(table);
  return joinTableName(namespace, qualifier);
}

function joinTableName(namespace: string, qualifier: string): string {
  return namespace === defaultNamespace ? qualifier : `${namespace}:${qualifier}`;
}

export function writeTableName(table: string): (writer: ProtoWriter) => void {
  const { namespace, qualifier } = splitTableName(table);
  return (writer) => writer.bytes(1, Buffer.from(namespace)).bytes(2, Buffer.from(qualifier));
}

export function readTableName(bytes: Uint8Array): string {
  const reader = new ProtoReader(bytes);
  let namespace = defaultNamespace;
  let qualifier = '';
  while (reader.next()) {
    if (reader.field === 1) namespace = reader.string();
    else if (reader.field === 2) qualifier = reader.string();
    else reader.skip();
  }
  return joinTableName(namespace, qualifier);
}
