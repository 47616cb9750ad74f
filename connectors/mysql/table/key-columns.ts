// The columns of a key as MySQL compares them.
import type { Field } from '../../../src/core/connector/field-type.ts';
import { quoteIdentifier } from '../../../src/core/connector/sql-identifier.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { Text } from '../../../src/core/text.ts';
import { comparedAs } from '../../../src/core/record/key-order.ts';
import type { KeyColumn } from '../../sql/target/table-shape.ts';
import type { ComparedColumn } from '../../sql/target/unclaimed-keys.ts';
import { mergesKeys } from './column-fit.ts';
import type { Column } from './table-schema.ts';

/**
 * `name`: of the table, for messages; `table`: quoted, for statements. `guarded`: an upsert that another unique key leads to another row sets the key to NULL, which must be an error. Throws TARGET_SCHEMA
 * where rows are not found again by it.
 */
export function keyColumnOf(
  field: Field,
  column: Column,
  { name, table, guarded }: { readonly name: string; readonly table: string; readonly guarded: boolean },
): KeyColumn {
  const refuse = (problem: string): SyncError =>
    new SyncError('TARGET_SCHEMA', {
      message: `${name}: key column ${column.name} ${problem}`,
      field: field.name,
    });
  if (guarded && column.dataType === 'timestamp')
    throw refuse(
      'is TIMESTAMP, and the table has another unique key: rows that meet there could not be told apart; make it DATETIME',
    );
  if (column.dataType === 'float')
    throw refuse('is FLOAT, in which a key is not found again; make it DECIMAL or VARCHAR');
  return {
    ...toKeyColumn(field, column),
    merging: mergesKeys(field, column) ? doubtColumn(column, table) : null,
  };
}

const integer = /^-?\d+$/;
const notNegative = /^-?0+$|^\d+$/;
const number = /^-?\d+(\.\d+)?$/;
const floating = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i;
const day = /^\d{4}-\d\d-\d\d$/;
const instant = /^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d+)?)?$/;
const timeOfDay = /^-?\d{2,3}:\d\d:\d\d(\.\d+)?$/;

/** Values are bound as text; beside a number, text would be compared as DOUBLE, under which long numbers are equal. */
function toKeyColumn(field: Field, column: Column): Omit<KeyColumn, 'merging'> {
  const { name, dataType, declared } = column;
  const compared = comparedIn(field, column);
  const of = (form: RegExp, as?: string): Omit<KeyColumn, 'merging'> => ({
    term: quoteIdentifier(name),
    value: (parameter) => (as === undefined ? parameter : `CAST(${parameter} AS ${as})`),
    mayHold: (value) => form.test(String(value)),
    compared,
  });
  if (dataType === 'decimal')
    return of(number, `DECIMAL(${column.numericPrecision}, ${column.numericScale})`);
  if (dataType.endsWith('int'))
    return declared.includes('unsigned') ? of(notNegative, 'UNSIGNED') : of(integer, 'SIGNED');
  if (dataType === 'double') return of(floating);
  if (dataType === 'date') return of(day);
  if (dataType === 'datetime' || dataType === 'timestamp') return of(instant);
  if (dataType === 'time') return of(timeOfDay);
  return { term: quoteIdentifier(name), value: (parameter) => parameter, mayHold: () => true, compared };
}

/** Text and bytes are compared as they are: an ENUM is ordered by its members, a SET by its bits, a UUID by its time. */
function comparedIn(field: Field, column: Column): ComparedColumn | null {
  const { dataType, charset, collation, numericScale } = column;
  const term = quoteIdentifier(column.name);
  const asText = `CAST(${term} AS CHAR)`;
  if (comparedAs(field.type) === 'number') {
    if (dataType !== 'decimal' && !dataType.endsWith('int')) return null;
    const scale = Math.max(numericScale, field.type.kind === 'decimal' ? field.type.scale : 0);
    // A bound may lie outside of what the column holds: no cast may turn it round.
    return { term, read: asText, bound: (parameter) => `CAST(${parameter} AS DECIMAL(65, ${scale}))` };
  }
  const itself = { term, read: term, bound: (parameter: string) => parameter };
  if (field.type.kind === 'date') return dataType === 'date' ? { ...itself, read: asText } : null;
  if (field.type.kind === 'bytes') return /binary$|blob$/.test(dataType) ? itself : null;
  const isText = /char$|text$/.test(dataType) && charset?.startsWith('utf8') === true;
  return field.type.kind === 'string' && isText && collation?.endsWith('_bin') === true ? itself : null;
}

function doubtColumn({ name: column, declared, collation }: Column, table: string): Text {
  if (collation === null)
    return {
      en: `key column ${column} is ${declared}, in which 0 and -0 are one; make it DECIMAL or VARCHAR`,
      zh: `主键列 ${column} 的类型为 ${declared}，其中 0 与 -0 相同；请改为 DECIMAL 或 VARCHAR`,
    };
  const found = `${column} (${declared}, ${collation})`;
  const change = `ALTER TABLE ${table} MODIFY ${quoteIdentifier(column)} ${declared.replace(/^char/i, 'varchar')} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL;`;
  return {
    en: `key column ${found} takes different keys for one; change it: ${change} (on MySQL 8: utf8mb4_0900_bin)`,
    zh: `主键列 ${found} 会把不同的键当作同一个；请修改：${change}（MySQL 8 为 utf8mb4_0900_bin）`,
  };
}
