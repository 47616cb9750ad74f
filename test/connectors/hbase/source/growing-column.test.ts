// Increments by a column's value: what a server may leave out, positions and their texts, what is refused.
import { describe, expect, it } from 'vitest';
import { patternBelow } from '../../../../connectors/hbase/source/below-pattern.ts';
import { columnWindow } from '../../../../connectors/hbase/source/column-window.ts';
import { fieldFrom, findGrowingColumn } from '../../../../connectors/hbase/source/growing-column.ts';
import type { GrowingColumn } from '../../../../connectors/hbase/source/growing-column.ts';
import { positionsOf } from '../../../../connectors/hbase/source/positions.ts';
import { ByteWriter } from '../../../../src/core/record/row-format.ts';
import { makeMapping } from '../cell-rows.ts';
import { createRandom } from '../../../support/random.ts';

function growing(entry: Record<string, string>): GrowingColumn {
  const found = findGrowingColumn('d:n', makeMapping([{ sourceFiled: 'd:n', ...entry }]).fields);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

/** Does the decoder, which has the last word, see a good value that is below the bound? */
function isBelow(column: GrowingColumn, from: number, bytes: Buffer): boolean {
  const out = new ByteWriter();
  if (column.field.write(out, bytes, 0, bytes.length) !== null) return false;
  return fieldFrom(column, from).condition?.passes(out.bytes, 0, out.length) === false;
}

function patternMatches(column: GrowingColumn, from: number, bytes: Buffer): boolean {
  return new RegExp(patternBelow(column, from) ?? '(?!)', 's').test(bytes.toString('latin1'));
}

function long(value: bigint | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

describe('what a region server leaves out of an increment by value', () => {
  const near = [
    -1n,
    0n,
    1n,
    9n,
    10n,
    11n,
    99n,
    1233n,
    1234n,
    1235n,
    12_340n,
    2n ** 53n,
    -(2n ** 63n),
    2n ** 63n - 1n,
  ];

  it('text numbers: exactly the good ones below the bound, however they are written', () => {
    const column = growing({ fieldType: 'bigint' });
    const texts = near.flatMap((n) => [`${n}`, `+${n}`, `00${n}`, `${n} `, `${n}\n`, `x${n}`, `${n}.0`]);
    texts.push('', '-', '+', '007', '-0');
    for (const bound of [1, 7, 10, 100, 1234, 2 ** 53])
      for (const text of texts)
        expect([bound, text, patternMatches(column, bound, Buffer.from(text))]).toEqual([
          bound,
          text,
          isBelow(column, bound, Buffer.from(text)),
        ]);
  });

  it('binary numbers: negative ones sort above as bytes and are below all the same; a wrong length is sent', () => {
    for (const [encoding, width] of [
      ['int64', 8],
      ['int32', 4],
      ['int16', 2],
    ] as const) {
      const column = growing({ fieldType: 'bigint', encoding });
      for (const bound of [1, 255, 256, 257, 1234, 32_767])
        for (const n of [...near, 254n, 255n, 256n, 65_535n, 10n ** 9n]) {
          const bytes = long(n).subarray(8 - width);
          for (const value of [bytes, bytes.subarray(1), Buffer.concat([bytes, bytes])])
            expect([encoding, bound, n, patternMatches(column, bound, value)]).toEqual([
              encoding,
              bound,
              n,
              isBelow(column, bound, value),
            ]);
        }
    }
  });

  it('points in time as counts: of milliseconds and of seconds, binary and as digits', () => {
    const bound = Date.parse('2026-01-31T12:00:00.500Z');
    for (const encoding of ['epoch-ms', 'epoch-s', 'epoch-ms-text', 'epoch-s-text']) {
      const column = growing({ fieldType: 'datetime(3)', encoding });
      const unit = encoding.startsWith('epoch-s') ? 1000 : 1;
      for (const offset of [-86_400_000, -1000, -500, -1, 0, 1, 500, 999, 1000]) {
        const count = Math.floor((bound + offset) / unit);
        const bytes = encoding.endsWith('text') ? Buffer.from(String(count)) : long(count);
        expect([encoding, offset, patternMatches(column, bound, bytes)]).toEqual([
          encoding,
          offset,
          isBelow(column, bound, bytes),
        ]);
      }
    }
  });

  it('dates as text: nothing that is not below, whatever its zone; days before are left out', () => {
    const column = growing({ fieldType: 'datetime(3)' });
    const bound = Date.parse('2026-03-01T00:30:00Z');
    const random = createRandom(7);
    for (let i = 0; i < 3_000; i += 1) {
      const at = new Date(bound + random(6 * 86_400_000) - 3 * 86_400_000).toISOString();
      const zone = ['', 'Z', '+08:00', '-11:30', '+18:00', '-18:00'][i % 6] ?? '';
      const text = `${at.slice(0, 10)}${i % 2 === 0 ? 'T' : ' '}${at.slice(11, i % 3 === 0 ? 19 : 23)}${zone}`;
      if (patternMatches(column, bound, Buffer.from(text)))
        expect([text, isBelow(column, bound, Buffer.from(text))]).toEqual([text, true]);
    }
    expect(patternMatches(column, bound, Buffer.from('2026-02-27 23:59:59'))).toBe(true);
    expect(patternMatches(column, bound, Buffer.from('2025-12-31'))).toBe(true);
    expect(patternMatches(column, bound, Buffer.from('2025-12-31 oops'))).toBe(false);
  });

  it('nothing where the bytes say nothing of the order: map rules, decimals as text, bounds not above 0', () => {
    expect(patternBelow(growing({ fieldType: 'bigint', maprule: 'trim' }), 5)).toBeNull();
    expect(patternBelow(growing({ fieldType: 'bigint' }), 0)).toBeNull();
    expect(patternBelow(growing({ fieldType: 'bigint', encoding: 'int64' }), -5)).toBeNull();
    expect(
      patternBelow(growing({ fieldType: 'datetime', maprule: "date('dd.MM.yyyy')" }), Date.now()),
    ).toBeNull();
  });
});

describe('a growing column', () => {
  const fields = (entry: Record<string, string>) => makeMapping([{ sourceFiled: 'd:n', ...entry }]).fields;

  it('is found by its source, its bare name or its target', () => {
    for (const name of ['d:n', 'n', 'column_n'])
      expect(findGrowingColumn(name, fields({ targetFiled: 'column_n', fieldType: 'int' }))).toMatchObject({
        index: 0,
      });
  });

  it('is refused when it is not mapped, has no order of numbers or times, or has a default', () => {
    expect(findGrowingColumn('other', fields({ fieldType: 'int' }))).toContain('not in the mapping');
    expect(findGrowingColumn('n', fields({ fieldType: 'string' }))).toContain('of type string');
    expect(findGrowingColumn('n', fields({ fieldType: 'int', maprule: "default('0')" }))).toContain(
      'has a default',
    );
  });

  it('starts after the value the user names, in the words of its type', () => {
    const after = (fieldType: string, text: string) =>
      positionsOf(growing({ fieldType })).readLastValue?.(text);
    expect(after('bigint', '41')).toBe('42');
    const at = Date.parse('2026-01-31T10:00:00Z');
    expect(after('datetime(0)', '2026-01-31 10:00:00')).toBe('2026-01-31 10:00:01');
    expect(after('datetime(0)', String(at))).toBe('2026-01-31 10:00:01');
    expect(after('date', '2026-01-31')).toBe('2026-02-01');
    for (const wrong of ['x', '4.5', '99999999999999999'])
      expect(() => after('bigint', wrong)).toThrow(`'${wrong}' is no value of d:n, which is of type bigint`);
    expect(() => after('date', '9999999999999999')).toThrow('is no value of d:n');
  });

  it('has positions that are its values, in the order of values', () => {
    const positions = (fieldType: string) => positionsOf(growing({ fieldType }));
    expect(positions('bigint').read('+041', 0)).toBe('41');
    expect(positions('bigint').compare('9', '10')).toBeLessThan(0);
    expect(positions('datetime(3)').read('2026-01-31 10:00:00', 0)).toBe('2026-01-31 10:00:00.000');
    for (const text of ['2026-01-31 10:00:00.123456', '2026-01-31 10:00:00'])
      expect(positions('datetime(6)').compare(text, '2026-01-31 10:00:00.123000')).toBeLessThanOrEqual(0);
  });

  it('a bound between two values that the field can tell apart is the next of them', () => {
    const at = Date.parse('2026-01-31T10:00:00.001Z');
    expect(growing({ fieldType: 'datetime(0)' }).textOf(at)).toBe('2026-01-31 10:00:01');
    expect(growing({ fieldType: 'datetime(3)' }).textOf(at)).toBe('2026-01-31 10:00:00.001');
    expect(growing({ fieldType: 'datetime(6)' }).textOf(at)).toBe('2026-01-31 10:00:00.001000');
    expect(growing({ fieldType: 'date' }).textOf(at)).toBe('2026-02-01');
  });

  it('its window never ends before it begins, and stays where it was when no value has settled', () => {
    const request = { base: '50', mode: 'incremental', lagMs: 0 } as const;
    expect(columnWindow(growing({ fieldType: 'bigint' }), request, { position: 70, whole: true })).toEqual({
      from: '50',
      to: '70',
    });
    expect(columnWindow(growing({ fieldType: 'bigint' }), request, { position: 40, whole: true })).toEqual({
      from: '50',
      to: '50',
    });
    expect(columnWindow(growing({ fieldType: 'bigint' }), request, { position: null, whole: true })).toEqual({
      from: '50',
      to: '50',
    });
    const full = { base: null, mode: 'full', lagMs: 0 } as const;
    expect(columnWindow(growing({ fieldType: 'bigint' }), full, { position: 70, whole: true })).toEqual({
      from: null,
      to: '70',
    });
    expect(columnWindow(growing({ fieldType: 'bigint' }), full, { position: null, whole: true })).toEqual({
      from: null,
      to: null,
    });
  });
});
