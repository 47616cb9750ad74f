// The letters that keys are written in, and keys as numbers of them: between decimal keys there is nothing from '9' to 'a'.

const known: readonly Buffer[] = [
  '0123456789',
  '0123456789abcdef',
  '0123456789ABCDEF',
  '0123456789abcdefghijklmnopqrstuvwxyz',
  String.fromCharCode(...Array.from({ length: 0x7f - 0x20 }, (_, index) => index + 0x20)),
].map((letters) => Buffer.from(letters, 'latin1'));
const allBytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
/** Letters behind the common prefix that are looked at. */
const digits = 8;

/** The smallest known alphabet that has all letters of the keys from `at` on, as far as they are looked at. */
export function alphabetOf(keys: readonly Buffer[], at: number): Buffer {
  const shown = keys.map((key) => key.subarray(at, at + digits));
  const has = (alphabet: Buffer): boolean =>
    shown.every((key) => key.every((byte) => alphabet.includes(byte)));
  return known.find(has) ?? allBytes;
}

export function commonPrefix(left: Buffer, right: Buffer): number {
  let length = 0;
  while (length < left.length && length < right.length && left[length] === right[length]) length += 1;
  return length;
}

/** The key at a part, from 0 to 1, of the way from `first` to `last`, if those between lie evenly. `keys`: some of them. */
export function interpolate(
  { first, last, keys }: { first: Buffer; last: Buffer; keys: readonly Buffer[] },
  part: number,
): Buffer {
  const prefix = commonPrefix(first, last);
  const alphabet = alphabetOf([...keys, last], prefix);
  const [from, to] = [toNumber(first, prefix, alphabet), toNumber(last, prefix, alphabet)];
  const thousandths = BigInt(Math.round(part * 1000));
  return Buffer.concat([
    first.subarray(0, prefix),
    toDigits(from + ((to - from) * thousandths) / 1000n, alphabet),
  ]);
}

/** What is missing counts as the lowest letter. */
function toNumber(key: Buffer, prefix: number, alphabet: Buffer): bigint {
  let value = 0n;
  for (let i = 0; i < digits; i += 1) {
    const byte = key[prefix + i];
    const digit = byte === undefined ? 0 : Math.max(alphabet.indexOf(byte), 0);
    value = value * BigInt(alphabet.length) + BigInt(digit);
  }
  return value;
}

function toDigits(value: bigint, alphabet: Buffer): Buffer {
  const letters = Buffer.alloc(digits);
  let rest = value;
  for (let i = digits - 1; i >= 0; i -= 1) {
    letters[i] = alphabet[Number(rest % BigInt(alphabet.length))] ?? 0;
    rest /= BigInt(alphabet.length);
  }
  return letters;
}
