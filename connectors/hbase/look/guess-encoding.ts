// What sampled values seem to be: each candidate is the connector's own reader of that encoding, and must read every one of them.
import { isUtf8 } from 'node:buffer';
import { parseFieldType } from '../../../src/core/connector/field-type.ts';
import { ByteWriter } from '../../../src/core/record/row-format.ts';
import type { Reading, ValueGuess } from '../../../src/core/connector/source-look.ts';
import type { Text } from '../../../src/core/text.ts';
import { compileEncoding } from '../encodings/all-encodings.ts';
import { inCharset } from '../encodings/text/charset.ts';
import type { Charset } from '../encodings/text/charset.ts';
import { printKey } from '../mapping/printable-key.ts';

interface Candidate {
  readonly encoding: string;
  readonly charset?: Charset;
  readonly fieldType: string;
  readonly why: Text;
  /** Beyond being readable: do the values look like it? */
  readonly looks: (values: Values) => boolean;
}

interface Values {
  readonly bytes: readonly Buffer[];
  /** Every value is text that a person could have written. */
  readonly plain: boolean;
  /** As read. */
  readonly read: readonly string[];
}

const maxExample = 100;
const any = (): boolean => true;
const all =
  (pattern: RegExp) =>
  ({ plain, read }: Values): boolean =>
    plain && read.every((text) => pattern.test(text));
const binary = ({ plain }: Values): boolean => !plain;
const within =
  (low: number, high: number) =>
  ({ plain, read }: Values): boolean =>
    !plain && read.every((text) => Math.abs(Number(text)) >= low && Math.abs(Number(text)) <= high);

/** The likelier first. */
const candidates: readonly Candidate[] = [
  text('boolean', /^(?:true|false)$/i, 'true or false', 'true 或 false'),
  text('date', /^\d{4}-\d\d-\d\d$/, 'dates', '日期'),
  text('datetime(6)', /^\d{4}-\d\d-\d\d[ T]\d\d:/, 'dates with time', '日期时间'),
  text('bigint', /^(?:0|-?[1-9]\d*)$/, 'integers without leading zeros', '不带前导零的整数'),
  text('decimal(38,10)', /^-?\d+\.\d+$/, 'decimal numbers', '小数'),
  text('json', /^\s*[[{]/, 'JSON objects or arrays', 'JSON 对象或数组'),
  {
    encoding: 'text',
    fieldType: 'string',
    why: said('printable text', '可打印文本'),
    looks: all(/^[^\0]*$/),
  },
  {
    encoding: 'text',
    charset: 'gbk',
    fieldType: 'string',
    why: said('Chinese text in GBK', 'GBK 编码的中文文本'),
    looks: looksChinese,
  },
  bytes('boolean', 'boolean', said('one byte, 00 or FF', '单字节 00 或 FF'), ({ bytes: values }) =>
    values.every((value) => value[0] === 0 || value[0] === 0xff),
  ),
  // 2000-01-01 to 2100-01-01
  bytes(
    'epoch-ms',
    'datetime(3)',
    said('8 bytes that are a time in ms between 2000 and 2100', '8 字节，为 2000–2100 年间的毫秒时间'),
    ({ plain, read }) => !plain && read.every((value) => value >= '2000' && value < '2100'),
  ),
  bytes(
    'int64',
    'bigint',
    said('8 bytes that are a moderate integer', '8 字节，为大小适中的整数'),
    within(0, 2 ** 53),
  ),
  bytes(
    'double',
    'double',
    said('8 bytes that are a moderate floating-point number', '8 字节，为大小适中的浮点数'),
    within(1e-9, 1e15),
  ),
  bytes(
    'int32',
    'int',
    said('4 bytes that are a moderate integer', '4 字节，为大小适中的整数'),
    within(0, 2 ** 28),
  ),
  bytes(
    'float',
    'float',
    said('4 bytes that are a moderate floating-point number', '4 字节，为大小适中的浮点数'),
    within(1e-6, 1e9),
  ),
  bytes(
    'bigdecimal',
    'decimal(38,10)',
    said('a scale of 0 to 10, then a number', '0–10 的标度后接数字'),
    binary,
  ),
  bytes('int16', 'smallint', said('2 bytes', '2 字节'), binary),
  bytes('int8', 'tinyint', said('1 byte', '1 字节'), binary),
  { encoding: 'bytes', fieldType: 'bytes', why: said('no better reading', '没有更好的解读'), looks: any },
];

/** Characters of GB2312 and printable ASCII only, with Chinese ones among them. */
function looksChinese({ plain, bytes: values, read }: Values): boolean {
  const isGb2312 = values.every((value) =>
    value.every((byte) => byte >= 0xa1 || (byte >= 0x20 && byte < 0x7f)),
  );
  return !plain && isGb2312 && read.every((text) => /\p{Script=Han}{2}/u.test(text));
}

function said(en: string, zh: string): Text {
  return { en, zh };
}

function text(fieldType: string, pattern: RegExp, en: string, zh: string): Candidate {
  return { encoding: 'text', fieldType, why: said(`text: ${en}`, `文本：${zh}`), looks: all(pattern) };
}

function bytes(encoding: string, fieldType: string, why: Text, looks: Candidate['looks']): Candidate {
  return { encoding, fieldType, why, looks };
}

/** From the values of one column; with none, or empty ones only, nothing can be told. */
export function guessValue(values: readonly Buffer[]): ValueGuess {
  const told = values.filter((value) => value.length > 0);
  const plain = told.every(isPlain);
  const readable = candidates.flatMap((candidate) => {
    const read = readAll(candidate, told);
    return read === null ? [] : [{ candidate, read, looks: candidate.looks({ bytes: told, plain, read }) }];
  });
  const best = readable.find(({ looks }) => looks);
  const chosen = told.length === 0 || best === undefined ? null : best;
  const { encoding, charset, fieldType, why } = chosen?.candidate ?? {
    charset: undefined,
    encoding: 'text',
    fieldType: 'string',
    why: said('no value was sampled', '没有采样到值'),
  };
  const alternatives = readable
    .filter((one) => one !== chosen && told.length > 0)
    .sort((a, b) => Number(b.looks) - Number(a.looks))
    .map(({ candidate, read }): Reading => ({
      ...encodingOf(candidate),
      fieldType: candidate.fieldType,
      example: cut(read[0] ?? ''),
    }));
  // Text as wide as a number could be that number, too.
  const isWide =
    (plain || charset !== undefined) &&
    [1, 2, 4, 8].some((width) => told.every((value) => value.length === width));
  return {
    guessed: true,
    sure: chosen !== null && told.length >= 5 && !isWide && encoding !== 'bytes' ? 'likely' : 'open',
    ...encodingOf({ encoding, charset }),
    fieldType,
    reason: said(`${told.length} sampled values: ${why.en}`, `${told.length} 个采样值：${why.zh}`),
    example: cut(chosen?.read[0] ?? ''),
    alternatives,
  };
}

/** Other readings of one value for a field of this type: what to try when the mapping's does not fit. */
export function readingsOf(value: Buffer, except: string): readonly Reading[] {
  const guess = guessValue([value]);
  return [guess, ...guess.alternatives].filter((one) => one.charset !== undefined || one.encoding !== except);
}

function encodingOf({
  encoding,
  charset,
}: {
  readonly encoding: string;
  readonly charset?: Charset | undefined;
}): Pick<Reading, 'encoding' | 'charset'> {
  return charset === undefined ? { encoding } : { encoding, charset };
}

function readAll(
  { encoding, charset = 'utf-8', fieldType }: Candidate,
  values: readonly Buffer[],
): string[] | null {
  const compiled = compileEncoding(encoding, parseFieldType(fieldType, 'a sampled column'));
  if (typeof compiled === 'string') return null;
  const write = inCharset(charset, compiled);
  const out = new ByteWriter();
  const read: string[] = [];
  for (const value of values) {
    out.length = 0;
    if (write(out, value, 0, value.length) !== null) return null;
    read.push(
      encoding === 'bytes'
        ? printKey(value.subarray(0, maxExample))
        : out.bytes.toString('utf8', 0, out.length),
    );
  }
  return read;
}

function isPlain(value: Buffer): boolean {
  return isUtf8(value) && !/[^\P{Cc}\t\n\r]/u.test(value.toString('utf8'));
}

function cut(value: string): string {
  return value.length > maxExample ? `${value.slice(0, maxExample)}…` : value;
}
