// Checks of single values before PostgreSQL reads them, where it would store another value without a word: it drops blanks beyond a
// column's length, rounds what has too many digits, and takes words (now, infinity, NaN), leap seconds and the hour 24 for values.
// They look at bytes in place; nothing is made per row or value.
import type { ValueCheck } from '../../sql/target/value-checks.ts';

const [BLANK, MINUS, PLUS, POINT, ZERO, NINE, COLON, LETTER_X] = [
  0x20, 0x2d, 0x2b, 0x2e, 0x30, 0x39, 0x3a, 0x78,
];

function digit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** Two digits as a number; NaN: they are none. */
function twoDigits(bytes: Buffer, at: number): number {
  return digit(bytes[at]) && digit(bytes[at + 1])
    ? ((bytes[at] ?? 0) - ZERO) * 10 + ((bytes[at + 1] ?? 0) - ZERO)
    : Number.NaN;
}

function valuesOf(accepts: (bytes: Buffer, start: number, end: number) => boolean): ValueCheck['accepts'] {
  return (bytes, start, end) => bytes === null || accepts(bytes, start, end);
}

/** In characters, as the column counts. */
function countCharacters(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) count += 1;
  return count;
}

/** As rows have it: the zero byte is escaped. */
export const withoutNul: ValueCheck = {
  reason: 'the text has a NUL character, which PostgreSQL does not store',
  accepts: valuesOf((bytes, start, end) => {
    const at = bytes.indexOf(0, start);
    return at < 0 || at >= end;
  }),
  suspects: [Buffer.from('\\0')],
};

const blankAtEnd = [Buffer.from(' \t'), Buffer.from(' \n')];

/** varchar(n) drops blanks at the end of a longer text; what is too long otherwise is refused by the server. */
export function textOfVarchar(length: number): ValueCheck {
  return {
    reason: `the column is varchar(${length}): it has no room for the blanks at the end; make it text`,
    accepts: valuesOf(
      (bytes, start, end) =>
        end - start <= length || bytes[end - 1] !== BLANK || countCharacters(bytes, start, end) <= length,
    ),
    suspects: blankAtEnd,
  };
}

/** char(n) fills shorter texts up with blanks, and drops those of longer ones. */
export function textOfChar(length: number): ValueCheck {
  return {
    reason: `the column is char(${length}), which fills shorter texts up with blanks; make it varchar(${length}) or text`,
    accepts: valuesOf((bytes, start, end) => countCharacters(bytes, start, end) === length),
  };
}

export const tinyInteger: ValueCheck = {
  reason: 'the number is not one of 8 bits, from -128 to 127',
  accepts: valuesOf((bytes, start, end) => {
    const value = Number(bytes.toString('latin1', start, end));
    return Number.isInteger(value) && value >= -128 && value <= 127;
  }),
};

/** No words; the server tells numbers that are none, or out of range. */
export const finite: ValueCheck = {
  reason: 'it is no finite number',
  accepts: valuesOf((bytes, start, end) => {
    const first = bytes[start] === MINUS || bytes[start] === PLUS ? start + 1 : start;
    const isHex = first + 1 < end && ((bytes[first + 1] ?? 0) | 0x20) === LETTER_X;
    return first < end && !isHex && (digit(bytes[first]) || bytes[first] === POINT);
  }),
};

/** At most so many digits behind the point that are no zeros at the end: a column with fewer rounds. */
export function decimalOf(scale: number): ValueCheck {
  return {
    reason: `it is no number of digits with at most ${scale} behind the point`,
    accepts: valuesOf((bytes, start, end) => {
      let at = bytes[start] === MINUS ? start + 1 : start;
      const first = at;
      while (at < end && digit(bytes[at])) at += 1;
      if (at === end) return at > first;
      return bytes[at] === POINT && fractionFits(bytes, { from: at + 1, end }, scale);
    }),
  };
}

function fractionFits(bytes: Buffer, { from, end }: { from: number; end: number }, digits: number): boolean {
  for (let at = from; at < end; at += 1) {
    if (!digit(bytes[at])) return false;
    if (at - from >= digits && bytes[at] !== ZERO) return false;
  }
  return from < end;
}

export const date: ValueCheck = {
  reason: 'it is no date of the form YYYY-MM-DD',
  accepts: valuesOf((bytes, start, end) => end - start === 10 && isDate(bytes, start)),
};

/** `digits` of a second that the column keeps. */
export function timeOf(digits: number): ValueCheck {
  return {
    reason: `it is no time of a day of the form HH:MM:SS with at most ${digits} digits of a second`,
    accepts: valuesOf((bytes, start, end) => isTime(bytes, { start, end }, digits)),
  };
}

export function timestampOf(digits: number): ValueCheck {
  return {
    reason: `it is no time of the form YYYY-MM-DD HH:MM:SS with at most ${digits} digits of a second`,
    accepts: valuesOf(
      (bytes, start, end) =>
        isDate(bytes, start) &&
        bytes[start + 10] === BLANK &&
        isTime(bytes, { start: start + 11, end }, digits),
    ),
  };
}

/** The server tells days that are none. */
function isDate(bytes: Buffer, start: number): boolean {
  return (
    twoDigits(bytes, start) >= 0 &&
    twoDigits(bytes, start + 2) >= 0 &&
    bytes[start + 4] === MINUS &&
    twoDigits(bytes, start + 5) >= 0 &&
    bytes[start + 7] === MINUS &&
    twoDigits(bytes, start + 8) >= 0
  );
}

/** Neither the hour 24 nor a leap second: they would be the next day's, or minute's. */
function isTime(bytes: Buffer, { start, end }: { start: number; end: number }, digits: number): boolean {
  const whole =
    twoDigits(bytes, start) <= 23 &&
    bytes[start + 2] === COLON &&
    twoDigits(bytes, start + 3) <= 59 &&
    bytes[start + 5] === COLON &&
    twoDigits(bytes, start + 6) <= 59;
  if (!whole || end - start < 8) return false;
  return (
    end - start === 8 || (bytes[start + 8] === POINT && fractionFits(bytes, { from: start + 9, end }, digits))
  );
}

const uuidDashes = new Set([8, 13, 18, 23]);

/** uuid takes other forms too, and gives this one back. */
export const uuid: ValueCheck = {
  reason: 'it is no UUID of 32 digits 0–9a–f with hyphens, which is how the column gives it back',
  accepts: valuesOf((bytes, start, end) => {
    if (end - start !== 36) return false;
    for (let at = 0; at < 36; at += 1) {
      const byte = bytes[start + at] ?? 0;
      if (uuidDashes.has(at) ? byte !== MINUS : !digit(byte) && (byte < 0x61 || byte > 0x66)) return false;
    }
    return true;
  }),
};
