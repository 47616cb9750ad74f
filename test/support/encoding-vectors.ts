// Cells with the values that they must become, for every encoding: those that the Java classes wrote (EncodingVectors.java), and a
// few by hand where Java has no such encoding.
import { readFileSync } from 'node:fs';

export interface EncodingVector {
  readonly encoding: string;
  readonly type: string;
  readonly hex: string;
  /** null = NULL; `!`: refused; `=`: a number of the same value. */
  readonly text: string | null;
  readonly charset?: string;
  readonly zone?: string;
}

const file = new URL('../golden/hbase-encodings.json', import.meta.url);

/** Row keys of salted tables stand in the file too; they are no cells. */
export function readJavaVectors(): readonly EncodingVector[] {
  const all = JSON.parse(readFileSync(file, 'utf8')) as EncodingVector[];
  return all.filter(({ encoding }) => !encoding.startsWith('salt:'));
}

const ascii = (encoding: string, type: string, ...values: readonly (readonly [string, string])[]) =>
  values.map(([cell, text]) => ({ encoding, type, hex: Buffer.from(cell).toString('hex'), text }));

const zoned = (vectors: readonly EncodingVector[], zone: string): EncodingVector[] =>
  vectors.map((vector) => ({ ...vector, zone }));

const newYear = '0000019b755eb660'; // 2025-12-31T17:05:00Z

export const ownVectors: readonly EncodingVector[] = [
  ...ascii('text', 'bigint', ['-9223372036854775808', '-9223372036854775808'], ['+007', '7'], ['7.0', '!']),
  ...ascii('text', 'decimal(65,30)', [
    '-12345678901234567890123456789012345.123456789012345678901234567890',
    '-12345678901234567890123456789012345.123456789012345678901234567890',
  ]),
  ...ascii('text', 'double', ['-1.5e3', '=-1500']),
  ...ascii('text', 'boolean', ['Yes', '1'], ['f', '0'], ['2', '!']),
  ...ascii('text', 'date', ['2024-02-29', '2024-02-29'], ['2023-02-29', '!']),
  ...ascii('text', 'time(3)', ['23:59:59.5', '23:59:59.500']),
  ...ascii('text', 'datetime(6)', ['2026-01-01T00:00:00.123456+08:00', '2025-12-31 16:00:00.123456']),
  ...zoned(ascii('text', 'datetime(3)', ['2026-01-01 00:00:00', '2025-12-31 16:00:00.000']), 'Asia/Shanghai'),
  ...zoned(
    ascii(
      'text',
      'datetime(3)',
      ['2026-03-29 02:30:00', '2026-03-29 01:30:00.000'],
      ['2026-10-25 02:30:00', '2026-10-25 00:30:00.000'],
    ),
    'Europe/Berlin',
  ),
  { encoding: 'text', type: 'string', charset: 'gbk', hex: 'b1b1be', text: '!' },
  { encoding: 'bytes', type: 'bytes', hex: '00ff095c0a4e', text: '\0\xff\t\\\nN' },
  { encoding: 'hex', type: 'string', hex: '00ff5c', text: '00ff5c' },
  ...ascii('base64', 'bytes', ['YWI=', 'ab'], ['YWI', '!']),
  ...ascii('json', 'string', ['{"a":[1,null,"中\\n"]}', '{"a":[1,null,"中\\n"]}'], ['{"a":', '!']),
  { encoding: 'epoch-ms', type: 'datetime(3)', hex: newYear, text: '2025-12-31 17:05:00.000' },
  { encoding: 'epoch-ms', type: 'datetime(3)', hex: newYear.slice(2), text: '!' },
  { encoding: 'epoch-ms', type: 'date', hex: newYear, text: '2025-12-31' },
  ...zoned([{ encoding: 'epoch-ms', type: 'date', hex: newYear, text: '2026-01-01' }], 'Asia/Shanghai'),
  { encoding: 'epoch-s', type: 'datetime(3)', hex: '00000000699c0000', text: '2026-02-23 07:21:36.000' },
  ...ascii('epoch-ms-text', 'datetime(3)', ['-1', '1969-12-31 23:59:59.999']),
  ...ascii('epoch-s-text', 'time', ['86399', '23:59:59'], ['x', '!']),
];
