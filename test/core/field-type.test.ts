import { describe, expect, it } from 'vitest';
import { parseFieldType, typeName } from '../../src/core/connector/field-type.ts';

describe('the type of a field', () => {
  it.each([
    ['int', { kind: 'int32' }],
    [' BigInt ', { kind: 'int64' }],
    ['varchar', { kind: 'string', length: 0 }],
    ['varchar(64)', { kind: 'string', length: 64 }],
    ['decimal(18,4)', { kind: 'decimal', precision: 18, scale: 4 }],
    ['decimal(12,12)', { kind: 'decimal', precision: 12, scale: 12 }],
    ['datetime(6)', { kind: 'timestamp', precision: 6 }],
  ])('%s is known', (text, type) => {
    expect(parseFieldType(text, 'f')).toEqual(type);
  });

  it.each(['', 'uuid', 'constructor', 'toString', 'int(5', 'decimal(66)', 'datetime(7)'])(
    '%j is not',
    (text) => {
      expect(() => parseFieldType(text, 'f')).toThrow('unknown type');
    },
  );

  it('has no more digits behind the point than in all', () => {
    expect(() => parseFieldType('decimal(10,12)', 'price')).toThrow(
      "reading the field type of price: 'decimal(10,12)' has 12 digits behind the point and only 10 in all",
    );
  });

  it.each([
    ...[
      'tinyint',
      'smallint',
      'int',
      'bigint',
      'float',
      'double',
      'boolean',
      'date',
      'time(3)',
      'timestamp(6)',
    ],
    ...['json', 'string', 'varchar(64)', 'varbinary', 'varbinary(16)', 'decimal(18,4)'],
  ])('%s is told by the word that a mapping takes', (text) => {
    expect(typeName(parseFieldType(text, 'f'))).toBe(text);
  });
});
