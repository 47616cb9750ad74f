// `zone` and `charset` of a mapping entry: what they make of cells, and where they are refused.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeCharset, inCharset } from '../../../../connectors/hbase/encodings/text/charset.ts';
import { parseFieldMapping } from '../../../../connectors/hbase/mapping/field-mapping.ts';
import { findGrowingColumn } from '../../../../connectors/hbase/source/growing-column.ts';
import { patternBelow } from '../../../../connectors/hbase/source/below-pattern.ts';
import { ByteWriter } from '../../../../src/core/record/row-format.ts';
import { readJavaVectors } from '../../../support/encoding-vectors.ts';
import { encodeRow, makeDecoder, makeMapping, RowCollector } from '../cell-rows.ts';

/** What a cell becomes in a field of this entry; `! reason` when it does not fit. */
function read(entry: Record<string, string>, value: string | Uint8Array): string | null {
  const collected = new RowCollector();
  const block = encodeRow('k', { 'd:a': value });
  makeDecoder(makeMapping([{ sourceFiled: 'd:a', ...entry }])).decodeRow(block, 0, block.length, collected);
  const [dirty] = collected.dirtyRows;
  return dirty === undefined ? (collected.rows[0]?.values[0] ?? null) : `! ${dirty.reason}`;
}

function problems(entry: Record<string, string>): readonly string[] {
  const text = JSON.stringify([{ sourceFiled: 'd:a', targetFiled: 'a', fieldType: 'string', ...entry }]);
  const parsed = parseFieldMapping({ text, keyName: '', defaultEncoding: 'text' });
  return 'problems' in parsed ? parsed.problems : [];
}

const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};

describe('charset', () => {
  it('reads what Java wrote, and the sink writes the same bytes', () => {
    const own = readJavaVectors().filter(({ charset }) => charset !== undefined);
    expect(own.map(({ charset }) => charset)).toEqual(['gbk', 'gbk', 'gbk', 'latin1']);
    for (const { hex, text, charset: name } of own) {
      const charset = name === 'gbk' ? name : 'latin1';
      expect(read({ charset }, Buffer.from(hex, 'hex'))).toBe(text);
      expect(encodeCharset(charset, Buffer.from(text ?? ''))).toEqual(Buffer.from(hex, 'hex'));
    }
  });

  // The digest is of Java 17's Charset.forName("GBK"): every pair of bytes that its strict decoder takes, as `hex codepoint`.
  it('has every character of GBK as Java has it, and no other', () => {
    const lines: string[] = [];
    const pair = Buffer.alloc(2);
    const text = new ByteWriter();
    const decode = inCharset('gbk', (out, bytes, start, end) => {
      out.writeEscaped(bytes, start, end);
      return null;
    });
    for (let code = 0x8000; code <= 0xffff; code += 1) {
      pair.writeUInt16BE(code);
      text.length = 0;
      if (decode(text, pair, 0, 2) !== null) continue;
      const character = text.bytes.toString('utf8', 0, text.length);
      expect(encodeCharset('gbk', Buffer.from(character))).toEqual(pair);
      lines.push(`${code.toString(16)} ${character.codePointAt(0)?.toString(16) ?? ''}`);
    }
    expect(lines).toHaveLength(23_940);
    expect(createHash('sha256').update(lines.join('\n')).digest('hex')).toBe(
      'f534939dcad6a6c8def5c5ab175c0e5e7fe8a65ba9a7a4d9e79db13567bb177b',
    );
  });

  it('takes no bytes that are no character, and makes nothing of them', () => {
    for (const bytes of ['b1', '61b1', 'b17f', '80', 'ff', '81308130', 'b1b1ff'])
      expect(read({ charset: 'gbk' }, Buffer.from(bytes, 'hex')), bytes).toBe('! not valid gbk');
    expect(read({}, Buffer.from('b1b1bea9', 'hex'))).toBe('! not valid utf-8');
  });

  it('holds for rules, patterns, lengths and JSON of the field too', () => {
    const gbk = (text: string): Buffer => encodeCharset('gbk', Buffer.from(text)) as Buffer;
    expect(read({ charset: 'gbk', maprule: 'substring(2,1) | upper' }, gbk('北京é'))).toBe('京');
    expect(read({ charset: 'GBK', fieldType: 'varchar(2)' }, gbk('北京'))).toBe('北京');
    expect(read({ charset: 'gbk', fieldType: 'varchar(1)' }, gbk('北京'))).toMatch(/^! 2 characters/);
    expect(read({ charset: 'gbk', fieldType: 'json', encoding: 'json' }, gbk('{"a":"北"}'))).toBe(
      '{"a":"北"}',
    );
    expect(
      read({ charset: 'gbk', fieldType: 'date', maprule: "date('yyyy年M月d日')" }, gbk('2026年1月5日')),
    ).toBe('2026-01-05');
    expect(read({ charset: 'gbk', limitcondition: "= '北京'" }, gbk('北京'))).toBe('北京');
    // The second byte of 乗 is a backslash, that of 乣 a pipe: they are no escapes.
    expect(read({ charset: 'gbk' }, gbk('乗\\\t乣'))).toBe('乗\\\t乣');
    expect(read({ charset: 'latin1' }, Buffer.from([0x80, 0xe9]))).toBe('\u0080é');
  });

  it('is refused where it would change nothing', () => {
    expect(problems({ charset: 'big5' })).toEqual([
      "entry 1, charset 'big5': write one of utf-8, gbk, latin1",
    ]);
    expect(problems({ charset: 'gbk', encoding: 'hex' })).toEqual([
      "entry 1, charset 'gbk': the encoding hex fixes what text is; charset goes with text and json",
    ]);
    expect(problems({ charset: 'gbk', fieldType: 'bytes' })).toEqual([
      expect.stringMatching(/bytes have no charset; leave charset away/),
    ]);
  });
});

describe('zone', () => {
  const shanghai = { zone: 'Asia/Shanghai' };

  it('makes local times UTC, unless they name a zone themselves', () => {
    const entry = { fieldType: 'datetime', ...shanghai };
    expect(read(entry, '2026-01-01 07:30:00')).toBe('2025-12-31 23:30:00.000');
    expect(read(entry, '2026-01-01T07:30:00Z')).toBe('2026-01-01 07:30:00.000');
    expect(read(entry, '2026-01-01')).toBe('2025-12-31 16:00:00.000');
    expect(read({ ...entry, maprule: "date('yyyyMMddHHmmss')" }, '20260101073000')).toBe(
      '2025-12-31 23:30:00.000',
    );
    expect(read({ ...entry, zone: '+05:30' }, '2026-01-01 07:30:00')).toBe('2026-01-01 02:00:00.000');
    expect(read(entry, '0001-01-01 00:00:00')).toBe('! a year outside 1 to 9999');
  });

  it('moves a skipped local time forward by the gap, and takes the first of a repeated one', () => {
    const entry = { fieldType: 'datetime', zone: 'Europe/Berlin' };
    expect(read(entry, '2026-03-29 02:30:00')).toBe('2026-03-29 01:30:00.000');
    expect(read(entry, '2026-10-25 02:30:00')).toBe('2026-10-25 00:30:00.000');
  });

  it('tells which day and time of day an instant was', () => {
    const at = Date.UTC(2025, 11, 31, 16, 5);
    expect(read({ fieldType: 'date', encoding: 'epoch-ms' }, long(at))).toBe('2025-12-31');
    expect(read({ fieldType: 'date', encoding: 'epoch-ms', ...shanghai }, long(at))).toBe('2026-01-01');
    expect(read({ fieldType: 'time', encoding: 'epoch-s-text', ...shanghai }, String(at / 1000))).toBe(
      '00:05:00',
    );
    expect(read({ fieldType: 'date', encoding: 'phoenix:unsigned_date', ...shanghai }, long(at))).toBe(
      '2026-01-01',
    );
    const zoned = { fieldType: 'date', maprule: "date('yyyy-MM-dd HH:mmXXX')", ...shanghai };
    expect(read(zoned, '2025-12-31 16:05Z')).toBe('2026-01-01');
  });

  it('is refused where it would change nothing', () => {
    expect(problems({ fieldType: 'datetime', zone: 'Asia/Beijing' })).toEqual([
      "entry 1, zone 'Asia/Beijing': no such zone; use an IANA name such as Asia/Shanghai, or an offset such as +08:00",
    ]);
    expect(problems({ fieldType: 'int', ...shanghai })).toEqual([
      expect.stringMatching(/a field of type int holds no time; leave zone away/),
    ]);
    expect(problems({ fieldType: 'date', ...shanghai })).toEqual([
      expect.stringMatching(/holds no instant, so its date is the same in every zone/),
    ]);
    expect(problems({ fieldType: 'datetime', encoding: 'epoch-ms', ...shanghai })).toEqual([
      expect.stringMatching(/the cell holds an instant/),
    ]);
  });

  it.each([
    ['CST', 'Asia/Shanghai (China), America/Chicago (US Central) or America/Havana (Cuba)'],
    ['EST', 'America/New_York (with summer time), America/Panama (without) or Australia/Sydney'],
    ['ist', 'Asia/Kolkata (India), Europe/Dublin (Ireland) or Asia/Jerusalem (Israel)'],
  ])('%s has several meanings, which are named', (zone, meant) => {
    expect(problems({ fieldType: 'datetime(0)', zone })).toEqual([
      `entry 1, zone '${zone}': no such zone; it has several meanings: write ${meant}, or an offset such as +08:00`,
    ]);
  });

  it('that repeats times is refused for a growing column; days of a zone are not compared on the server', () => {
    const grow = (entry: Record<string, string>) =>
      findGrowingColumn('a', makeMapping([{ sourceFiled: 'd:a', ...entry }]).fields);
    expect(grow({ fieldType: 'datetime', zone: 'Europe/Berlin' })).toMatch(
      /comes twice when clocks are put back/,
    );
    expect(grow({ fieldType: 'datetime', ...shanghai })).toMatchObject({ index: 0 });
    const days = grow({ fieldType: 'date', encoding: 'epoch-ms', ...shanghai });
    if (typeof days === 'string') throw new Error(days);
    expect(patternBelow(days, Date.UTC(2026, 0, 5))).toBeNull();
    const times = grow({ fieldType: 'datetime', ...shanghai });
    if (typeof times === 'string') throw new Error(times);
    const pattern = patternBelow(times, Date.parse('2026-01-05T00:00:00Z')) ?? '';
    expect(new RegExp(pattern, 's').test('2026-01-05 07:59:59')).toBe(false);
    expect(new RegExp(pattern, 's').test('2026-01-03 07:59:59')).toBe(true);
  });
});
