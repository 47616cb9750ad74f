// What an SQL source must give of a value, by what the server's own client says of it: the same text, or a dirty row. Written from the
// documented tables alone, so that it can disagree with the product.
import type { FieldType } from '../../src/core/connector/field-type.ts';

/** null: the row must be dirty. */
export type Rule = (said: Buffer) => string | null;

export const dirty = null;

/** Bytes as hex, so that every value has one text. */
export const asItIs: Rule = (said) => said.toString('hex');

/** Of one text that the pattern allows. */
export function onlyIf(pattern: RegExp, isGood: (text: string) => boolean = () => true): Rule {
  return (said) => {
    const text = said.toString('utf8');
    return pattern.test(text) && isGood(text) ? asItIs(said) : dirty;
  };
}

function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  const made = new Date(0);
  made.setUTCFullYear(year, month - 1, day);
  return year > 0 && made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
}

const ofDay = (text: string): boolean =>
  /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d/.test(text.slice(text.lastIndexOf(' ') + 1));

export const date = onlyIf(/^\d{4}-\d\d-\d\d$/, isDay);
export const time = onlyIf(/^\d\d:\d\d:\d\d(\.\d{1,6})?$/, ofDay);
export const timestamp = onlyIf(
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$/,
  (text) => isDay(text) && ofDay(text),
);

/** Digits that decimal(precision,scale) holds. */
export function decimal(precision: number, scale: number): Rule {
  return onlyIf(/^-?\d+(\.\d+)?$/, (text) => {
    const [whole = '', behind = ''] = text.replace('-', '').split('.');
    return whole.replace(/^0+/, '').length <= precision - scale && behind.length <= scale;
  });
}

/** Two texts of one number are one; 0 and -0 are two. */
export function float(bits: 32 | 64): Rule {
  return (said) => {
    const number = Number(said.toString('latin1'));
    const value = bits === 32 ? Math.fround(number) : number;
    return `number ${Object.is(value, -0) ? '-0' : String(value)}`;
  };
}

const bitsOf: Readonly<Record<string, bigint>> = { int8: 8n, int16: 16n, int32: 32n, int64: 64n };

/** Why the text is no value of the field's type; null: it is one. */
export function misfit(type: FieldType, value: Buffer): string | null {
  const text = value.toString('utf8');
  const bits = bitsOf[type.kind];
  if (bits !== undefined)
    return /^-?\d+$/.test(text) && BigInt.asIntN(Number(bits), BigInt(text)) === BigInt(text)
      ? null
      : `no ${type.kind}: ${text}`;
  const tooLong = (size: number, most: number): string | null =>
    most === 0 || size <= most ? null : `${size} are more than ${most}: ${text}`;
  switch (type.kind) {
    case 'boolean':
      return /^[01]$/.test(text) ? null : `no boolean: ${text}`;
    case 'decimal':
      return decimal(type.precision, type.scale)(value) === null ? `no decimal: ${text}` : null;
    case 'date':
      return date(value) === null ? `no date: ${text}` : null;
    case 'time':
    case 'timestamp': {
      const rule = type.kind === 'time' ? time : timestamp;
      return rule(value) === null
        ? `no ${type.kind}: ${text}`
        : tooLong(/\.(\d+)$/.exec(text)?.[1]?.length ?? 0, Math.max(type.precision, 0.5));
    }
    case 'string':
      return tooLong(Array.from(text).length, type.length);
    case 'bytes':
      return tooLong(value.length, type.length);
    default:
      return null;
  }
}
