// Cutting ranges by small reads: over sorted keys in memory, of all the shapes that row keys have.
import { describe, expect, it } from 'vitest';
import type { KeyReader } from '../../../../connectors/hbase/plan/key-tree.ts';
import { cutRange } from '../../../../connectors/hbase/plan/region-cuts.ts';
import { wholeTable } from '../../../../connectors/hbase/client/key-range.ts';
import { createRandom } from '../../../support/random.ts';

class MemoryKeys implements KeyReader {
  readonly #keys: readonly Buffer[];
  left: number;
  reads = 0;

  constructor(keys: readonly Buffer[], reads: number) {
    this.#keys = keys;
    this.left = reads;
  }

  first({ start, stop }: { start: Buffer; stop: Buffer }, limit: number): Promise<Buffer[]> {
    this.#count();
    const from = this.place(start);
    return Promise.resolve(this.#keys.slice(from, Math.min(from + limit, this.#end(stop))));
  }

  last({ start, stop }: { start: Buffer; stop: Buffer }): Promise<Buffer | null> {
    this.#count();
    const end = this.#end(stop);
    return Promise.resolve(end > this.place(start) ? (this.#keys[end - 1] ?? null) : null);
  }

  #count(): void {
    this.reads += 1;
    this.left -= 1;
  }

  #end(stop: Buffer): number {
    return stop.length === 0 ? this.#keys.length : this.place(stop);
  }

  /** How many keys lie before. */
  place(key: Buffer): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle] !== undefined && this.#keys[middle].compare(key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const rows = 40_000;
const random = createRandom(5);
const share = (): number => random(1 << 30) / (1 << 30);
const digits = (value: number, length: number): string => String(Math.floor(value)).padStart(length, '0');
const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random(256)));

function make(key: (row: number) => string | Buffer): Buffer[] {
  const keys = Array.from({ length: rows }, (_, row) => Buffer.from(key(row) as string));
  keys.sort((left, right) => left.compare(right));
  return keys.filter((each, index) => index === 0 || !each.equals(keys[index - 1] ?? Buffer.alloc(0)));
}

const shapes: Readonly<Record<string, (row: number) => string | Buffer>> = {
  'decimal numbers without gaps': (row) => digits(row, 12),
  'decimal numbers at random': () => digits(random(1_000_000_000), 12),
  'hexadecimal digests': () => bytes(16).toString('hex'),
  'binary keys': () => bytes(8),
  'binary numbers without gaps': (row) => Buffer.concat([Buffer.from([0, 0, 1, 0x80]), uint32(row)]),
  'nine in ten under one prefix': (row) => (row % 10 === 0 ? 'cold-' : 'hot-') + digits(row, 8),
  'nine in ten under one of a hundred prefixes': (row) =>
    `tenant-${digits(row % 10 === 0 ? (row / 10) % 100 : 42, 3)}/${digits(row, 8)}`,
  'users with as many rows as their rank says': (row) =>
    `user-${digits(1000 * (random(1000) / 1000) ** 3, 4)}|${digits(row, 9)}`,
  'words of any length': () =>
    Array.from({ length: 3 + random(10) }, () => 'etaoinshrdlu'[Math.floor(random(144) ** 0.5)] ?? '').join(
      '',
    ),
  'a hole of half the keys': (row) => digits(row < rows / 2 ? row : row + 900_000_000, 10),
  'salted numbers': (row) => Buffer.concat([Buffer.from([row % 16]), Buffer.from(digits(row, 10))]),
};

function uint32(value: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(value);
  return number;
}

/** How many keys each piece has. */
async function cut(
  keys: readonly Buffer[],
  { pieces, reads, anchor }: { pieces: number; reads: number; anchor?: Buffer },
): Promise<{ sizes: number[]; reads: number }> {
  const reader = new MemoryKeys(keys, reads);
  const request = { range: wholeTable, pieces, keys: keys.length };
  const cuts = await cutRange({ reader, random: share, anchor }, request);
  for (const [index, key] of cuts.entries()) expect(key.compare(cuts[index - 1] ?? Buffer.alloc(0))).toBe(1);
  const places = [0, ...cuts.map((key) => reader.place(key)), keys.length];
  return {
    sizes: places.slice(1).map((place, index) => place - (places[index] ?? 0)),
    reads: reader.reads,
  };
}

describe('cutting a range by small reads', () => {
  it.each(Object.keys(shapes))('gives pieces that none is twice its share: %s', async (shape) => {
    const keys = make(shapes[shape] ?? (() => ''));
    for (const pieces of [5, 16]) {
      const { sizes, reads } = await cut(keys, { pieces, reads: 1_000 + 120 * pieces });
      expect(sizes.length).toBeGreaterThanOrEqual(pieces * 0.75);
      expect(Math.max(...sizes)).toBeLessThan((keys.length / pieces) * 2);
      expect(reads).toBeLessThanOrEqual(1_000 + 120 * pieces);
    }
  });

  it('finds nine in ten keys that hide under one prefix among thousands, when told of one of them', async () => {
    const keys = make((row) => (row % 10 === 0 ? bytes(6).toString('hex') : `5eaf${digits(row, 8)}`));
    const anchor = keys[keys.length >>> 1] ?? Buffer.alloc(0);
    const { sizes } = await cut(keys, { pieces: 8, reads: 1_960, anchor });
    expect(Math.max(...sizes)).toBeLessThan((keys.length / 8) * 2);
  });

  it('makes do with few reads: then it takes the keys to lie evenly', async () => {
    const keys = make(() => bytes(16).toString('hex'));
    const { sizes, reads } = await cut(keys, { pieces: 16, reads: 40 });
    expect(reads).toBeLessThanOrEqual(40);
    expect(sizes).toHaveLength(16);
    expect(Math.max(...sizes)).toBeLessThan((keys.length / 16) * 1.5);
  });

  it('gives up on keys that lie in a chain, each the beginning of the next', async () => {
    const keys = Array.from({ length: 2_000 }, (_, row) => Buffer.alloc(row + 1, 'a'));
    const { reads } = await cut(keys, { pieces: 4, reads: 1_480 });
    expect(reads).toBeLessThanOrEqual(1_480);
  });

  it('cuts nothing where there is nothing to cut', async () => {
    expect((await cut([], { pieces: 4, reads: 100 })).sizes).toEqual([0]);
    expect((await cut([Buffer.from('a')], { pieces: 4, reads: 100 })).sizes).toEqual([1]);
  });
});
