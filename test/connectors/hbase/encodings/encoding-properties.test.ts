// Properties of every encoding: what is written is read back; bytes that are no value are refused, never thrown over, never taken for
// another value; and nothing outside a cell's own bytes has a say.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileEncoding, encodingNames } from '../../../../connectors/hbase/encodings/all-encodings.ts';
import { charsets, inCharset } from '../../../../connectors/hbase/encodings/text/charset.ts';
import type { Charset } from '../../../../connectors/hbase/encodings/text/charset.ts';
import { compileEncoder, writableEncodings } from '../../../../connectors/hbase/encodings/encoder.ts';
import { NULL_VALUE } from '../../../../connectors/hbase/encodings/encoding.ts';
import { parseFieldType } from '../../../../src/core/connector/field-type.ts';
import { ByteWriter, readRow } from '../../../../src/core/record/row-format.ts';
import { findZone, utc } from '../../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../../src/core/time/time-zone.ts';
import { readJavaVectors } from '../../../support/encoding-vectors.ts';

const types = [
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'float',
  'double',
  'decimal(20,4)',
  'boolean',
  'date',
  'time(3)',
  'datetime(0)',
  'datetime(6)',
  'string',
  'varchar(5)',
  'json',
  'bytes',
] as const;

interface Settings {
  readonly zone?: Zone;
  readonly charset?: Charset;
}

/** The value's raw text; `! reason`, or null for NULL. null too: the encoding does not fill such fields. */
type Reader = (cell: Uint8Array, around?: number) => Buffer | string | null;

function readerOf(
  encoding: string,
  type: string,
  { zone = utc, charset = 'utf-8' }: Settings = {},
): Reader | null {
  const compiled = compileEncoding(encoding, parseFieldType(type, 'f'), { zone });
  if (typeof compiled === 'string') return null;
  const write = inCharset(charset, compiled);
  return (cell, around = 0) => {
    const block = Buffer.alloc(cell.length + 40, around);
    block.set(cell, 20);
    const before = Buffer.from(block);
    const out = new ByteWriter(1);
    out.writeEscaped(Buffer.from('key'));
    const problem = write(out, block, 20, 20 + cell.length);
    expect(block.equals(before)).toBe(true);
    expect(out.bytes.toString('latin1', 0, 3)).toBe('key');
    if (problem === NULL_VALUE) return null;
    if (problem !== null) return `! ${problem}`;
    const fields = readRow(out.bytes, 3, out.length);
    expect(fields).toHaveLength(1);
    return fields[0] ?? null;
  };
}

const readers = encodingNames.flatMap((encoding) =>
  types.flatMap((type) => {
    const read = readerOf(encoding, type);
    return read === null ? [] : [{ encoding, type, read }];
  }),
);

describe('any bytes', () => {
  const cells = fc.oneof(
    fc.uint8Array({ maxLength: 24 }),
    fc.constantFrom(...readJavaVectors().map(({ hex }) => Buffer.from(hex, 'hex'))),
    fc
      .tuple(
        fc.constantFrom(...readJavaVectors().map(({ hex }) => Buffer.from(hex, 'hex'))),
        fc.nat(),
        fc.nat(255),
      )
      .map(([cell, at, byte]) => {
        const changed = Uint8Array.from(cell);
        if (changed.length > 0) changed[at % changed.length] = byte;
        return changed;
      }),
  );

  it.each([...new Set(readers.map(({ encoding }) => encoding))])('as %s', (name) => {
    const own = readers.filter(({ encoding }) => encoding === name);
    fc.assert(
      fc.property(cells, (cell) => {
        for (const { encoding, type, read } of own) {
          const found = read(cell);
          expect(read(cell, 0xff)).toEqual(found);
          expect(read(cell, 0x31)).toEqual(found);
          // What counts as a value is one of the field's type, in the form that all encodings write.
          if (found instanceof Buffer && (encoding !== 'text' || type !== 'boolean'))
            expect(readerOf('text', type)?.(found), `${encoding} as ${type}`).toEqual(found);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('a cell cut short or made longer', () => {
  /** Encodings that have one length only. */
  const fixed =
    /^(u?int\d+|float|double|boolean|epoch-m?s|phoenix:(?!decimal|varchar|char|varbinary|binary).*|ordered:(int|float)\d+( desc)?)$/;
  const vectors = readJavaVectors().filter(({ encoding, hex }) => fixed.test(encoding) && hex !== '');

  it('is refused by every encoding of one length', () => {
    expect(new Set(vectors.map(({ encoding }) => encoding)).size).toBeGreaterThan(40);
    for (const { encoding, type, hex } of vectors) {
      // The header of an OrderedBytes NULL, and no bytes in Phoenix, are a NULL.
      const read = readerOf(encoding, type);
      const cell = Buffer.from(hex, 'hex');
      for (let length = 1; length < cell.length; length += 1)
        expect(read?.(cell.subarray(0, length)), `${encoding} ${hex} cut to ${length}`).toMatch(/^! /);
      expect(read?.(Buffer.concat([cell, Buffer.of(0)])), `${encoding} ${hex} and a byte`).toMatch(/^! /);
    }
  });
});

const int = (bits: number): fc.Arbitrary<string> =>
  fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }).map(String);
const pad = (value: bigint, width: number): string => String(value).padStart(width, '0');
const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }).map((value) => {
  const ms = value / 1000n - (value % 1000n < 0n ? 1n : 0n);
  return `${new Date(Number(ms)).toISOString().slice(0, 23).replace('T', ' ')}${pad(value - ms * 1000n, 3)}`;
});

const values: Readonly<Record<string, fc.Arbitrary<string>>> = {
  tinyint: int(8),
  smallint: int(16),
  int: int(32),
  bigint: int(64),
  float: fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => String(value)),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => String(value)),
  'decimal(20,4)': fc
    .tuple(fc.boolean(), fc.bigInt({ min: 1n, max: 10n ** 20n - 1n }))
    .map(([minus, unscaled]) => `${minus ? '-' : ''}${unscaled / 10_000n}.${pad(unscaled % 10_000n, 4)}`),
  boolean: fc.constantFrom('0', '1'),
  date: micros.map((text) => text.slice(0, 10)),
  'time(3)': micros.map((text) => text.slice(11, 23)),
  'datetime(0)': micros.map((text) => text.slice(0, 19)),
  'datetime(3)': micros.map((text) => text.slice(0, 23)),
  'datetime(6)': micros,
  string: fc.string({ unit: 'grapheme' }),
  'varchar(5)': fc.string({ unit: 'binary', maxLength: 5 }),
  json: fc.json(),
  bytes: fc.string({ unit: 'binary' }),
};

/** Writes and reads back: the text again, unless the writer refuses it. Numbers may be written in another form. */
function expectBack(name: string, type: string, text: string, settings: Required<Settings>): boolean {
  const encode = compileEncoder(name, parseFieldType(type, 'f'), settings);
  if (typeof encode === 'string') return false;
  const read = readerOf(name, type, settings);
  const [raw, cell] = [Buffer.from(text), new ByteWriter()];
  const refused = encode(cell, raw, 0, raw.length) !== null;
  // A sink writes numbers of any kind as a float, say; sources read them into fields of fewer kinds.
  if (refused || read === null) return false;
  const back = read(cell.bytes.subarray(0, cell.length));
  const told = `${name} as ${type} in ${settings.charset}, ${settings.zone.name}: ${text}`;
  if (!(back instanceof Buffer)) expect(back, told).toEqual(Buffer.from(text));
  else if (type === 'float')
    expect(Math.fround(Number(back.toString())), told).toBe(Math.fround(Number(text)));
  else if (type === 'double') expect(Number(back.toString()), told).toBe(Number(text));
  else expect(back.toString(), told).toBe(text);
  return true;
}

describe('a value that the sink writes', () => {
  it.each(writableEncodings)('as %s is read back equal', (name) => {
    let written = 0;
    for (const [type, texts] of Object.entries(values))
      fc.assert(
        fc.property(texts, (text) => {
          // A double is no float: written as one it is the nearest.
          if (name === 'float' && type === 'double') return;
          // Into a string field hex and base64 print bytes: not every string is such a print, and hex may be in capitals.
          const printed = name === 'hex' || name === 'base64';
          const fit = printed && type === 'string' ? Buffer.from(text).toString(name) : text;
          if (expectBack(name, type, fit, { zone: utc, charset: 'utf-8' })) written += 1;
        }),
        { numRuns: 60 },
      );
    expect(written).toBeGreaterThan(40);
  });

  it('in any charset is read back equal, or refused', () => {
    let written = 0;
    const mixed = fc.string({
      unit: fc.oneof(
        fc.constantFrom('a', 'é', '\t', '\\', '中', '文', '€', 'ÿ', '乗'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(fc.constantFrom(...charsets), mixed, (charset, text) => {
        if (expectBack('text', 'string', text, { zone: utc, charset })) written += 1;
      }),
      { numRuns: 3000 },
    );
    expect(written).toBeGreaterThan(1000);
  });

  it('in any zone is read back equal, or refused', () => {
    const zones = ['Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Apia', '-09:30'].map(
      (name) => findZone(name) ?? utc,
    );
    let written = 0;
    fc.assert(
      fc.property(fc.constantFrom(...zones), micros, (zone, text) => {
        const settings = { zone, charset: 'utf-8' } as const;
        if (expectBack('text', 'datetime(6)', text, settings)) written += 1;
        expectBack('epoch-ms', 'date', text.slice(0, 10), settings);
      }),
      { numRuns: 1000 },
    );
    expect(written).toBeGreaterThan(900);
    const apia = { zone: findZone('Pacific/Apia') ?? utc, charset: 'utf-8' } as const;
    expect(expectBack('epoch-ms', 'date', '2011-12-30', apia)).toBe(false);
    expect(expectBack('epoch-ms', 'date', '2011-12-31', apia)).toBe(true);
  });
});
