import { describe, expect, it } from 'vitest';
import { choosePath } from '../../../connectors/mysql/write/choose-path.ts';
import type { Column, MysqlShape } from '../../../connectors/mysql/table/table-schema.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { fieldOf } from '../../conformance/sink-bed.ts';
import { columnOf } from '../../support/mysql-column.ts';
import { english } from '../../support/english.ts';

const server = { localInfile: true, mariadb: true };

function choose(change: {
  shape?: Partial<MysqlShape>;
  value?: Partial<Column>;
  type?: FieldType;
  server?: Partial<typeof server>;
  insertMode?: 'upsert' | 'insert' | 'update';
}): ReturnType<typeof choosePath> {
  const columns = [columnOf('id'), columnOf('value', change.value)];
  return choosePath(
    { ...server, ...change.server },
    {
      shape: {
        columns,
        uniqueKeys: [{ name: 'PRIMARY', columns: ['id'] }],
        primaryKey: ['id'],
        doubts: [],
        hangsOn: false,
        hasTrigger: false,
        keepsHistory: false,
        isReferenced: false,
        seesAll: true,
        ...change.shape,
      },
      fields: [
        fieldOf('id', { kind: 'string', length: 20 }),
        fieldOf('value', change.type ?? { kind: 'string', length: 20 }),
      ],
      columns,
      insertMode: change.insertMode ?? 'upsert',
    },
  );
}

describe('the way rows go', () => {
  it('is LOAD DATA where a replaced row can not be told from an updated one', () => {
    expect(choose({})).toEqual({ charset: 'binary', reasons: [] });
    const generated = columnOf('sum', { generated: true });
    expect(choose({ shape: { columns: [generated] } }).charset).toBe('binary');
  });

  it.each([
    ['insert.mode', { insertMode: 'insert' }],
    ['insert.mode', { insertMode: 'update' }],
    ['local_infile', { server: { localInfile: false } }],
    ['own', { shape: { columns: [columnOf('own')] } }],
    [
      'another unique key',
      {
        shape: {
          uniqueKeys: [
            { name: 'a', columns: ['id'] },
            { name: 'b', columns: [] },
          ],
        },
      },
    ],
    ['trigger', { shape: { hasTrigger: true } }],
    ['foreign key', { shape: { isReferenced: true } }],
    ['TRIGGER right', { shape: { seesAll: false } }],
    ['JSON', { server: { mariadb: false }, value: { dataType: 'json', charset: null } }],
  ] as const)('is prepared statements because of %s', (word, change) => {
    const { charset, reasons } = choose(change);
    expect(charset).toBeNull();
    expect(english(reasons).join()).toContain(word);
  });

  it('converts text for a column that is not utf-8, unless the rows hold bytes too', () => {
    expect(choose({ value: { charset: 'gbk' } }).charset).toBe('utf8mb4');
    expect(choose({ value: { charset: 'utf8mb3' } }).charset).toBe('binary');
    const bytes = choose({ value: { charset: 'gbk' }, type: { kind: 'bytes', length: 0 } });
    expect(bytes).toMatchObject({ charset: null, reasons: [{ en: 'column value is in gbk' }] });
  });
});
