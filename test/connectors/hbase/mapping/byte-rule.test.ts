// `byterule`: row keys made by a rule give their parts back, and keys that it did not make are misfits.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFieldMapping } from '../../../../connectors/hbase/mapping/field-mapping.ts';
import { readKey } from '../../../../connectors/hbase/mapping/printable-key.ts';
import { printKey } from '../../../../connectors/hbase/mapping/printable-key.ts';
import { encodeRow, makeDecoder, makeMapping, RowCollector } from '../cell-rows.ts';

const hex = { encoding: 'hex', fieldType: 'string' };

function read(key: string | Uint8Array, byterule: string, more: Record<string, string> = {}): RowCollector {
  const decoder = makeDecoder(makeMapping([{ sourceFiled: 'rowkey()', byterule, ...more }]));
  const out = new RowCollector();
  const block = Buffer.concat([Buffer.from('xx'), encodeRow(key, { 'd:a': '1' }), Buffer.from('yy')]);
  decoder.decodeRow(block, 2, block.length - 2, out);
  return out;
}

/** The value, or `! reason`. */
function value(key: string | Uint8Array, byterule: string, more: Record<string, string> = {}): string {
  const { rows, dirtyRows } = read(key, byterule, more);
  const [dirty] = dirtyRows;
  if (dirty === undefined) return rows[0]?.values[0] ?? 'NULL';
  expect(dirty.bytesHex).toBe(Buffer.from(key).toString('hex'));
  return `! ${dirty.reason}`;
}

const bytesOf = (key: Uint8Array, byterule: string): string => value(key, byterule, hex);

describe('a part of the row key', () => {
  it('is a slice by bytes, the first is 1', () => {
    expect(value('abcdef', 'slice(2,3)')).toBe('bcd');
    expect(value('abcdef', 'slice(3)')).toBe('cdef');
    expect(
      value(Buffer.from('000000070041', 'hex'), 'slice(1,4)', { encoding: 'int32', fieldType: 'int' }),
    ).toBe('7');
    expect(value('abc', 'slice(2,3)')).toBe('! 3 bytes where at least 4 are needed');
    expect(value('abc', 'slice(4)')).toBe('! 3 bytes where at least 4 are needed');
  });

  it('is what stands behind the first separator', () => {
    expect(value('a1_b_c', "after('_')")).toBe('b_c');
    expect(value('a1::b', "after('::')")).toBe('b');
    expect(value(Buffer.from('610062', 'hex'), String.raw`after('\x00')`)).toBe('b');
    expect(value('ab', "after('_')")).toBe("! no '_' in it");
  });

  it('is one of the parts between separators', () => {
    expect(value('a_b_c', "part('_',1)")).toBe('a');
    expect(value('a_b_c', "part('_',2)")).toBe('b');
    expect(value('a_b_c', "part('_',3)")).toBe('c');
    expect(value('a_b_c', "part('_',4)")).toBe("! 3 parts between '_' where at least 4 are needed");
    expect(value('a__c', "part('_',2,3)")).toBe('');
    expect(value('a_b_c_', "part('_',3,3)")).toBe("! 4 parts between '_' where 3 are needed");
    expect(value('a_b', "part('_',1,3)")).toBe("! 2 parts between '_' where 3 are needed");
  });

  it('goes through rules from left to right, then through encoding, map rule and condition', () => {
    expect(value('7f_3210', "after('_')|reverse", { fieldType: 'int' })).toBe('123');
    expect(value('x-ab-y', "part('-',2)", { maprule: 'upper' })).toBe('AB');
    const { filteredRows } = read('x-5-y', "part('-',2)", { fieldType: 'int', limitcondition: '> 5' });
    expect(filteredRows).toHaveLength(1);
  });
});

describe('rules that give back what was made of a key', () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
  const text = fc.string({ maxLength: 20, unit: 'grapheme' });
  const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const digits = fc.integer({ min: 1, max: 32 });
  const long8 = (n: bigint): Buffer => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64BE(BigInt.asIntN(64, n));
    return buffer;
  };
  const md5 = (key: Buffer, length: number): string =>
    createHash('md5').update(key).digest('hex').slice(0, length);
  const saltOf = (key: Buffer, buckets: number): number => {
    let hash = 1;
    for (const byte of key) hash = (Math.imul(31, hash) + ((byte << 24) >> 24)) | 0;
    return Math.abs(hash % buckets);
  };

  it('reverse and reverse-text undo reversing', () => {
    fc.assert(
      fc.property(bytes, text, (key, words) => {
        expect(bytesOf(Buffer.from(key).reverse(), 'reverse')).toBe(key.toString('hex'));
        expect(value(Array.from(words).reverse().join(''), 'reverse-text')).toBe(words);
      }),
    );
    expect(value(Buffer.from([0xff]), 'reverse-text')).toBe('! not valid utf-8');
  });

  it('long-max-minus undoes the subtraction for every long, its text form for every one of 19 digits', () => {
    const max = 2n ** 63n - 1n;
    const number = { fieldType: 'bigint' };
    fc.assert(
      fc.property(long, (n) => {
        const read8 = value(long8(max - n), 'long-max-minus', { ...number, encoding: 'int64' });
        expect(read8).toBe(String(n));
        const positive = n < 0n ? -(n + 1n) : n;
        const padded = String(max - positive).padStart(19, '0');
        expect(value(padded, 'long-max-minus-text', number)).toBe(String(positive));
      }),
    );
    const at = { fieldType: 'datetime(3)', encoding: 'epoch-ms' };
    expect(value(long8(max - 1_000n), 'long-max-minus', at)).toBe('1970-01-01 00:00:01.000');
    expect(value('123', 'long-max-minus-text')).toBe('! not the 19 digits of a long');
    expect(value('9223372036854775808', 'long-max-minus-text')).toBe('! not the 19 digits of a long');
    expect(value('1234567', 'long-max-minus', hex)).toBe('! 7 bytes where 8 are needed');
  });

  it('md5-prefix and phoenix-salt take off what belongs to the key, and nothing else', () => {
    fc.assert(
      fc.property(bytes, digits, fc.integer({ min: 1, max: 256 }), (key, length, buckets) => {
        const prefixed = Buffer.concat([Buffer.from(md5(key, length)), key]);
        expect(bytesOf(prefixed, `md5-prefix(${length})`)).toBe(key.toString('hex'));
        const joined = Buffer.concat([Buffer.from(`${md5(key, length)}_`), key]);
        expect(bytesOf(joined, `md5-prefix(${length},'_')`)).toBe(key.toString('hex'));
        const salted = Buffer.concat([Buffer.from([saltOf(key, buckets)]), key]);
        expect(bytesOf(salted, `phoenix-salt(${buckets})`)).toBe(key.toString('hex'));
        salted[0] = (saltOf(key, buckets) + 1) % 256;
        expect(bytesOf(salted, `phoenix-salt(${buckets})`)).toMatch(/^! the salt is \d+, of \d+ buckets/);
        prefixed[0] = prefixed[0] === 0x30 ? 0x31 : 0x30;
        expect(bytesOf(prefixed, `md5-prefix(${length})`)).toMatch(
          /^! it begins with '.*the md5 of the rest/,
        );
      }),
    );
    expect(bytesOf(Buffer.from('ab'), 'md5-prefix(4)')).toBe('! 2 bytes where 4 are put before the key');
  });

  it('phoenix-salt is what Phoenix writes', () => {
    const file = new URL('../../../golden/hbase-encodings.json', import.meta.url);
    const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
      encoding: string;
      hex: string;
      text: string;
    }[];
    const salts = vectors.filter(({ encoding }) => encoding.startsWith('salt:'));
    expect(salts.length).toBeGreaterThan(8);
    for (const { encoding, hex: salted, text: key } of salts)
      expect(value(Buffer.from(salted, 'hex'), `phoenix-salt(${encoding.slice(5)})`)).toBe(key);
  });

  it('slice and part give back the parts of a key made of them', () => {
    const part = fc.string({ maxLength: 8 }).filter((word) => !word.includes('_'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), bytes, (parts, tail) => {
        const key = parts.join('_');
        parts.forEach((word, index) => {
          expect(value(key, `part('_',${index + 1},${parts.length})`)).toBe(word);
        });
        const head = Buffer.from('0102', 'hex');
        const fixed = Buffer.concat([head, tail, Buffer.from('!')]);
        expect(bytesOf(fixed, 'slice(1,2)') + bytesOf(fixed, 'slice(3)')).toBe(fixed.toString('hex'));
      }),
    );
  });
});

describe('a byterule', () => {
  const problems = (entry: Record<string, string>): readonly string[] => {
    const text = JSON.stringify([{ targetFiled: 'a', fieldType: 'string', ...entry }]);
    const parsed = parseFieldMapping({ text, keyName: '', defaultEncoding: 'text' });
    return 'problems' in parsed ? parsed.problems : [];
  };

  it('outside the known set is refused with the set', () => {
    for (const byterule of [
      'slice(0)',
      'slice()',
      'slice',
      'slice(1,2,3)',
      "after('')",
      "after('\\q')",
      "part('_')",
      "part('_',3,2)",
      'reverse()',
      'md5-prefix(33)',
      'phoenix-salt(0)',
      'phoenix-salt(257)',
      'trim',
      'toString',
      'reverse |',
    ])
      expect(problems({ sourceFiled: 'rowkey()', byterule }), byterule).toEqual([
        expect.stringMatching(/^entry 1, byterule .*: unknown rule; known: slice\(n,m\)/),
      ]);
  });

  it('works on the row key only', () => {
    for (const sourceFiled of ['d:a', 'a', 'timestamp()', 'd:*', "constant('x')"])
      expect(problems({ sourceFiled, byterule: 'slice(1,2)' }), sourceFiled).toEqual([
        expect.stringMatching(/^entry 1, byterule .*write rowkey\(\) as sourceFiled/),
      ]);
  });

  it('may name any byte of a separator as it is printed', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (key) => {
        expect(readKey(printKey(key))).toEqual(Buffer.from(key));
      }),
    );
    expect(readKey('中\\x5c')).toEqual(Buffer.from('中\\'));
    expect(readKey('a\\b')).toBeNull();
  });
});
