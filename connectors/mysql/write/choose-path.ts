// Which way rows go into a table. LOAD DATA … REPLACE is the fastest, but REPLACE deletes and inserts: it is safe only where
// nobody can tell that from an update.
import type { Field } from '../../../src/core/connector/field-type.ts';
import type { Text } from '../../../src/core/text.ts';
import type { MysqlSinkConfig } from '../config.ts';
import type { ServerFacts } from '../session/session.ts';
import type { Column, MysqlShape } from '../table/table-schema.ts';

export interface PathChoice {
  /** The character set in which LOAD DATA reads the rows; null: prepared statements. */
  readonly charset: 'binary' | 'utf8mb4' | null;
  /** Why LOAD DATA is not used; empty when it is. */
  readonly reasons: readonly Text[];
}

export function choosePath(
  server: Pick<ServerFacts, 'localInfile' | 'mariadb'>,
  target: {
    readonly shape: MysqlShape;
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
  const unmappedNames = unmapped.map((column) => column.name).join(', ');
  const checks: readonly (readonly [boolean, string, string])[] = [
    [
      target.insertMode !== 'upsert',
      `insert.mode is ${target.insertMode}`,
      `insert.mode 为 ${target.insertMode}`,
    ],
    [!server.localInfile, 'local_infile is off on the server', '服务器未开启 local_infile'],
    [unmapped.length > 0, `no field is mapped to ${unmappedNames}`, `没有字段映射到 ${unmappedNames}`],
    [shape.uniqueKeys.length === 0, 'the table has no key', '表没有主键或唯一键'],
    [shape.uniqueKeys.length > 1, 'the table has another unique key', '表还有其他唯一键'],
    [shape.hasTrigger, 'the table has a trigger', '表有触发器'],
    [shape.keepsHistory, 'the table keeps former states of its rows', '表保留行的历史版本'],
    [shape.isReferenced, 'a foreign key points at the table', '有外键指向该表'],
    [
      !shape.seesAll,
      "without the TRIGGER right on the database, triggers and foreign keys can't be seen",
      '没有该数据库的 TRIGGER 权限，无法看到触发器与外键',
    ],
    [
      foreign !== undefined && hasBytes,
      `column ${foreign?.name ?? ''} is in ${foreign?.charset ?? ''}`,
      `列 ${foreign?.name ?? ''} 的字符集为 ${foreign?.charset ?? ''}`,
    ],
    [
      !server.mariadb && columns.some((column) => column.dataType === 'json'),
      'a JSON column takes only what is known to be text',
      'JSON 列只接受已知为文本的值',
    ],
  ];
  const reasons = checks.flatMap(([applies, en, zh]) => (applies ? [{ en, zh }] : []));
  if (reasons.length > 0) return { charset: null, reasons };
  return { charset: foreign === undefined ? 'binary' : 'utf8mb4', reasons };
}
