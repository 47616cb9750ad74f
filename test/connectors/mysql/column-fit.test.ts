import { describe, expect, it } from 'vitest';
import { fitOf, mergesKeys } from '../../../connectors/mysql/table/column-fit.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { fieldOf } from '../../conformance/sink-bed.ts';
import { columnOf } from '../../support/mysql-column.ts';

const text: FieldType = { kind: 'string', length: 0 };

describe('what a column keeps', () => {
  it('is not looked at value by value for the common pairs', () => {
    for (const [type, column] of [
      [text, { dataType: 'varchar' }],
      [text, { dataType: 'longtext' }],
      [{ kind: 'int64' }, { dataType: 'bigint', charset: null }],
      [
        { kind: 'decimal', precision: 9, scale: 2 },
        { dataType: 'decimal', numericPrecision: 9, numericScale: 2 },
      ],
      [
        { kind: 'timestamp', precision: 3 },
        { dataType: 'datetime', fractionDigits: 3, nullable: false },
      ],
    ] as const)
      expect(fitOf(fieldOf('value', type), columnOf('value', column))).toEqual({ checks: [], doubts: [] });
  });

  it('knows the members of an ENUM as the server declares them', () => {
    const declared = `enum('it''s','a\\\\b','tab\tx','q"q','','n\\nl','(1,2)')`;
    const check = fitOf(fieldOf('value', text), columnOf('value', { dataType: 'enum', declared }))?.checks[0];
    const accepts = (value: string): boolean | undefined =>
      check?.accepts(Buffer.from(value), 0, Buffer.byteLength(value));
    for (const member of ["it's", 'a\\b', 'tab\tx', 'q"q', '', 'n\nl', '(1,2)'])
      expect([member, accepts(member)]).toEqual([member, true]);
    for (const other of ["it''s", 'a\\\\b', 'it', '1', '2', "','"])
      expect([other, accepts(other)]).toEqual([other, false]);
  });

  it.each([
    ['a TIMESTAMP that is NOT NULL', { dataType: 'timestamp', nullable: false }, 1],
    ['a TIMESTAMP that may be NULL', { dataType: 'timestamp' }, 0],
    ['AUTO_INCREMENT', { dataType: 'bigint', autoIncrement: true, nullable: false }, 1],
    ['any other column', { dataType: 'bigint', nullable: false }, 0],
  ])('is checked for NULL in %s: the server has a value for it', (_, column, checks) => {
    const type: FieldType =
      column.dataType === 'bigint' ? { kind: 'int64' } : { kind: 'timestamp', precision: 0 };
    expect(fitOf(fieldOf('value', type), columnOf('value', column))?.checks).toHaveLength(checks);
  });

  it.each([
    ['sjis', 0],
    ['tis620', 1],
    ['cp932', 1],
    ['gb18030', 1],
  ])('in the character set %s is in doubt or not', (charset, doubts) => {
    expect(fitOf(fieldOf('value', text), columnOf('value', { charset }))?.doubts).toHaveLength(doubts);
  });

  it('is in doubt where MySQL writes JSON anew', () => {
    const fit = fitOf(
      fieldOf('value', { kind: 'json' }),
      columnOf('value', { dataType: 'json', charset: null }),
    );
    expect(fit?.doubts[0]?.en).toContain('column value is JSON');
  });

  it.each([
    ['string', 'varchar', 'utf8mb4_nopad_bin', false],
    ['string', 'varchar', 'utf8mb4_bin', true],
    ['string', 'char', 'utf8mb4_bin', false],
    ['string', 'char', 'utf8mb4_general_ci', true],
    ['string', 'enum', 'utf8mb4_general_ci', false],
    ['json', 'varchar', 'utf8mb4_general_ci', true],
    ['int64', 'varchar', 'utf8mb4_general_ci', false],
    ['float64', 'double', null, true],
  ] as const)('as a key: %s in %s of %s', (kind, dataType, collation, merges) => {
    const type = kind === 'string' ? text : { kind };
    expect(mergesKeys(fieldOf('id', type), columnOf('id', { dataType, collation }))).toBe(merges);
  });
});
