// A pattern that a region server tests a column's bytes with: it matches exactly those values that are well-formed and surely
// below a bound. What it matches needs no sending; everything else comes to us, where the value is decoded and compared, so
// text and binary encodings are each compared by their own rules, and a malformed value is still found and counted.
//   [digits] below n: shorter · or as long, equal up to some digit, that digit smaller, the rest anything
// Written for Java and JavaScript alike, over bytes as latin1, the dot matching line ends too.
import { utc } from '../../../src/core/time/time-zone.ts';
import type { GrowingColumn } from './growing-column.ts';

const end = '(?!.)';
const msPerDay = 86_400_000;

/** null: values of this column can't be compared on the server. `from` is a position. */
export function patternBelow({ field, textOf, positionOf }: GrowingColumn, from: number): string | null {
  if (field.mapRule !== '') return null;
  // A date of another zone does not begin when the day of UTC does.
  if (field.type.kind === 'date' && field.settings.zone !== utc) return null;
  const bound = positionOf(textOf(from));
  switch (field.encoding) {
    case 'text':
      return field.type.kind.startsWith('int') ? digitsBelow(bound, '[+]?') : datesBelow(bound);
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return bytesBelow(bound, Number(field.encoding.slice(3)) / 8);
    case 'epoch-ms':
      return bytesBelow(bound, 8);
    case 'epoch-s':
      return bytesBelow(Math.ceil(bound / 1000), 8);
    case 'epoch-ms-text':
      return digitsBelow(bound, '');
    case 'epoch-s-text':
      return digitsBelow(Math.ceil(bound / 1000), '');
    default:
      return null;
  }
}

/** Negative numbers are below any bound that gets here. */
function digitsBelow(bound: number, plus: string): string | null {
  if (bound <= 0) return null;
  const digits = Array.from(String(bound), Number);
  const shorter = `[0-9]{0,${digits.length - 1}}`;
  const smaller = smallerDigits(digits, (to) => `[0-${to}]`, '[0-9]', String);
  return `^(?:-[0-9]+|${plus}(?=[0-9])0*(?:${[shorter, ...smaller].join('|')}))${end}`;
}

/** Big-endian two's complement of `width` bytes. */
function bytesBelow(bound: number, width: number): string | null {
  if (bound <= 0 || bound >= 2 ** (width * 8 - 1)) return null;
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(bound));
  const digits = [...bytes.subarray(8 - width)];
  const smaller = smallerDigits(digits, (to) => `[\\x00-${hex(to)}]`, '.', hex);
  return `^(?:${[`[\\x80-\\xff].{${width - 1}}`, ...smaller].join('|')})${end}`;
}

/** By the day alone, and one day early: the text may have a zone. */
function datesBelow(bound: number): string | null {
  if (!(bound > msPerDay)) return null;
  const day = new Date(bound - msPerDay).toISOString().slice(0, 10);
  const digits = Array.from(day.replaceAll('-', ''), Number);
  const smaller = smallerDigits(digits, (to) => `[0-${to}]`, '[0-9]', String).map(dashed);
  return `^(?:${smaller.join('|')})(?:[ T][0-9:.]+(?:Z|[+-][0-9:]+)?)?${end}`;
}

/** For each digit above the least: those before it as they are, a smaller one, and any others. */
function smallerDigits(
  digits: readonly number[],
  upTo: (digit: number) => string,
  any: string,
  write: (digit: number) => string,
): string[] {
  return digits.flatMap((digit, at) => {
    if (digit === 0) return [];
    const rest = digits.length - at - 1;
    return [
      [...digits.slice(0, at).map(write), upTo(digit - 1), ...new Array<string>(rest).fill(any)].join(''),
    ];
  });
}

/** Eight digits, each a class or itself, as a date: a dash behind the fourth and the sixth. */
function dashed(pattern: string): string {
  const parts = pattern.match(/\[[^\]]*\]|[0-9]/g) ?? [];
  return [parts.slice(0, 4), parts.slice(4, 6), parts.slice(6)].map((part) => part.join('')).join('-');
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
