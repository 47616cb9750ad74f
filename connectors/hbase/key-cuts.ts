// Cutting a key range into pieces of about equal size without reading it: by interpolating between its ends, in the alphabet that
// sampled keys are written in (a range of decimal keys has nothing between '9' and 'a').

const digitsAfterPrefix = 8n;

const alphabets: readonly string[] = [
  '0123456789',
  '0123456789abcdef',
  '0123456789ABCDEF',
  '0123456789abcdefghijklmnopqrstuvwxyz',
  Buffer.from(Array.from({ length: 0x7f - 0x20 }, (_, index) => index + 0x20)).toString('latin1'),
];
const allBytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

export interface CutRequest {
  /** Inclusive. */
  readonly start: Buffer;
  /** Exclusive; empty = no end. */
  readonly stop: Buffer;
  readonly pieces: number;
  /** Some keys of the range, ascending, its first one among them; where the range has no end, its last one too. */
  readonly keys: readonly Buffer[];
}

/** At most pieces − 1 keys, ascending, all within (start, stop). */
export function cutRange({ start, stop, pieces, keys }: CutRequest): Buffer[] {
  const first = keys[0] ?? start;
  const end = stop.length > 0 ? stop : (keys.at(-1) ?? start);
  const prefix = commonPrefix(first, end);
  const alphabet = alphabetOf([...keys, end].map((key) => key.subarray(prefix)));
  const from = toNumber(first, prefix, alphabet);
  const to = toNumber(end, prefix, alphabet);
  const cuts: Buffer[] = [];
  let last = start;
  for (let piece = 1n; piece < BigInt(pieces); piece += 1n) {
    const digits = toDigits(from + ((to - from) * piece) / BigInt(pieces), alphabet);
    const cut = Buffer.concat([first.subarray(0, prefix), digits]);
    if (cut.compare(last) <= 0 || (stop.length > 0 && cut.compare(stop) >= 0)) continue;
    cuts.push(cut);
    last = cut;
  }
  return cuts;
}

/** The smallest known alphabet that has all bytes of the keys. */
function alphabetOf(keys: readonly Buffer[]): Buffer {
  for (const letters of alphabets) {
    const alphabet = Buffer.from(letters, 'latin1');
    if (keys.every((key) => key.every((byte) => alphabet.includes(byte)))) return alphabet;
  }
  return allBytes;
}

export function commonPrefix(left: Buffer, right: Buffer): number {
  let length = 0;
  while (length < left.length && length < right.length && left[length] === right[length]) length += 1;
  return length;
}

/** The digits behind the prefix as a number; what is missing counts as the lowest digit. */
function toNumber(key: Buffer, prefix: number, alphabet: Buffer): bigint {
  let value = 0n;
  for (let i = 0; i < Number(digitsAfterPrefix); i += 1) {
    const byte = key[prefix + i];
    const digit = byte === undefined ? 0 : Math.max(alphabet.indexOf(byte), 0);
    value = value * BigInt(alphabet.length) + BigInt(digit);
  }
  return value;
}

function toDigits(value: bigint, alphabet: Buffer): Buffer {
  const digits = Buffer.alloc(Number(digitsAfterPrefix));
  let rest = value;
  for (let i = digits.length - 1; i >= 0; i -= 1) {
    digits[i] = alphabet[Number(rest % BigInt(alphabet.length))] ?? 0;
    rest /= BigInt(alphabet.length);
  }
  return digits;
}
