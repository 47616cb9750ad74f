// Which way rows go into a table. LOAD DATA … REPLACE is the fastest, but REPLACE deletes and inserts: it is safe only where
// nobody can tell that from an update.
import type { Field } from '../../src/core/field-type.ts';
import type { MysqlSinkConfig } from './config.ts';
import type { ServerFacts } from './session.ts';
import type { Column, TableShape } from './table-schema.ts';

export interface PathChoice {
  /** The character set in which LOAD DATA reads the rows; null: prepared statements. */
  readonly charset: 'binary' | 'utf8mb4' | null;
  /** Why LOAD DATA is not used; empty when it is. */
  readonly reasons: readonly string[];
}

export function choosePath(
  server: Pick<ServerFacts, 'localInfile' | 'mariadb'>,
  target: {
    readonly shape: TableShape;
    readonly fields: readonly Field[];
    /** The columns of the fields, in their order. */
    readonly columns: readonly Column[];
    readonly insertMode: MysqlSinkConfig['insertMode'];
  },
): PathChoice {
  const { shape, columns } = target;
  const unmapped = shape.columns.filter((column) => !column.generated && !columns.includes(column));
  // Read as binary, bytes go into a utf-8 column checked but unconverted; into any other they would be the wrong text.
  const foreign = columns.find(
    (column) => column.charset !== null && !/^utf8(mb3|mb4)?$/.test(column.charset),
  );
  const hasBytes = target.fields.some((field) => field.type.kind === 'bytes');
  const checks: readonly (readonly [boolean, string])[] = [
    [target.insertMode !== 'upsert', `insert.mode is ${target.insertMode}`],
    [!server.localInfile, 'local_infile is off on the server'],
    [unmapped.length > 0, `no field is mapped to ${unmapped.map((column) => column.name).join(', ')}`],
    [shape.uniqueKeys.length !== 1, 'the table has another unique key'],
    [shape.hasTrigger, 'the table has a trigger'],
    [shape.keepsHistory, 'the table keeps former states of its rows'],
    [shape.isReferenced, 'a foreign key points at the table'],
    [!shape.seesAll, "without the TRIGGER right on the database, triggers and foreign keys can't be seen"],
    [foreign !== undefined && hasBytes, `column ${foreign?.name ?? ''} is in ${foreign?.charset ?? ''}`],
    [
      !server.mariadb && columns.some((column) => column.dataType === 'json'),
      'a JSON column takes only what is known to be text',
    ],
  ];
  const reasons = checks.flatMap(([applies, reason]) => (applies ? [reason] : []));
  if (reasons.length > 0) return { charset: null, reasons };
  return { charset: foreign === undefined ? 'binary' : 'utf8mb4', reasons };
}
