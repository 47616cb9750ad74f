// The order of decimals as digits stand in rows, byte by byte, so that no number of digits is too many and nothing is made per row.

/** Negative, 0 or positive as `bytes[start, end)` comes before, equals or comes after `constant`. */
export type Comparator = (bytes: Uint8Array, start: number, end: number, constant: Uint8Array) => number;

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

/** Canonical decimals: no plus, no zeros in front of the first digit but one before a point. */
export const compareDecimals: Comparator = (bytes, start, end, constant) => {
  const left = bytes[start] === MINUS ? -1 : 1;
  const right = constant[0] === MINUS ? -1 : 1;
  const order = compareMagnitudes(
    { bytes, start: left < 0 ? start + 1 : start, end },
    { bytes: constant, start: right < 0 ? 1 : 0, end: constant.length },
  );
  return left === right ? order * left : left;
};

interface Digits {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

function compareMagnitudes(left: Digits, right: Digits): number {
  const [leftPoint, rightPoint] = [pointOf(left), pointOf(right)];
  const longer = leftPoint - left.start - (rightPoint - right.start);
  if (longer !== 0) return longer;
  const wholeDigits = leftPoint - left.start;
  for (let i = 0; i < wholeDigits; i += 1) {
    const difference = (left.bytes[left.start + i] ?? 0) - (right.bytes[right.start + i] ?? 0);
    if (difference !== 0) return difference;
  }
  const places = Math.max(left.end - leftPoint, right.end - rightPoint);
  for (let i = 1; i < places; i += 1) {
    const difference = digitAt(left, leftPoint + i) - digitAt(right, rightPoint + i);
    if (difference !== 0) return difference;
  }
  return 0;
}

function pointOf({ bytes, start, end }: Digits): number {
  const point = bytes.indexOf(POINT, start);
  return point < 0 || point > end ? end : point;
}

function digitAt({ bytes, end }: Digits, at: number): number {
  return at < end ? (bytes[at] ?? ZERO) : ZERO;
}
