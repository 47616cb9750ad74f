// The keys of a range as a tree, known only where somebody looked: each node holds the keys of a range and is divided at the first
// bit in which its first and last key differ. What is under a node is estimated by going down one way to the end: every turn counts
// for all keys that lie the other way (Knuth 1975), so the mean over many ways is right, whatever the keys look like.
import { alphabetOf, commonPrefix } from './key-alphabet.ts';
import { keyAfter } from '../client/key-range.ts';
import type { KeyRange } from '../client/key-range.ts';

/** Looks into the table; each call is one small read. */
export interface KeyReader {
  /** The first keys of the range, ascending, at most so many. */
  first(range: KeyRange, limit: number): Promise<readonly Buffer[]>;
  /** null: the range has no keys. */
  last(range: KeyRange): Promise<Buffer | null>;
  /** How many more calls may be made. */
  readonly left: number;
}

export interface KeyNode {
  readonly range: KeyRange;
  /** The first keys, ascending: all of them, if the last is among them. */
  readonly head: readonly Buffer[];
  readonly last: Buffer;
  /** Once somebody asked. */
  children?: Promise<Children | null>;
}

interface Children {
  readonly left: KeyNode;
  readonly right: KeyNode;
  /** The part of the keys that lies left, as far as the letters of the alphabet tell. */
  readonly share: number;
}

/** A part of the tree, and about how many keys it has. */
export interface Stratum {
  readonly node: KeyNode;
  readonly keys: number;
  /** Its part of the tree, from 0 to 1, as far as the letters of the alphabet tell. */
  readonly part: number;
}

const headKeys = 64;

/** null: the range has no keys. */
export async function openTree(reader: KeyReader, range: KeyRange): Promise<KeyNode | null> {
  const [head, last] = await Promise.all([reader.first(range, headKeys), reader.last(range)]);
  return last === null || head.length === 0 ? null : { range, head, last };
}

/** All its keys are known. */
export function isKnown({ head, last }: KeyNode): boolean {
  const end = head.at(-1);
  return end === undefined || end.compare(last) >= 0;
}

/** The node divided in two; null: there are no reads left, or no keys any more. */
export function divide(reader: KeyReader, node: KeyNode): Promise<Children | null> {
  node.children ??= readChildren(reader, node);
  return node.children;
}

async function readChildren(reader: KeyReader, node: KeyNode): Promise<Children | null> {
  const { range, head, last } = node;
  const [first] = head;
  if (first === undefined || reader.left < 2) return null;
  const middle = turningPoint(first, last);
  const leftRange = { start: range.start, stop: middle };
  const rightRange = { start: middle, stop: range.stop };
  const leftHead = head.filter((key) => key.compare(middle) < 0);
  const known = leftHead.length < head.length ? leftHead.at(-1) : undefined;
  const [leftLast, rightHead] = await Promise.all([
    known ?? reader.last(leftRange),
    reader.first(rightRange, headKeys),
  ]);
  const left = { range: leftRange, head: leftHead, last: leftLast ?? first };
  const right = { range: rightRange, head: rightHead, last };
  return { left, right, share: shareOfLeft(node, middle) };
}

/** The smallest key of those that have the first differing bit set, which the last key has and the first has not. */
function turningPoint(first: Buffer, last: Buffer): Buffer {
  const prefix = commonPrefix(first, last);
  const [low, high] = [first[prefix], last[prefix] ?? 0];
  if (low === undefined) return keyAfter(first);
  const bit = 31 - Math.clz32(low ^ high);
  return Buffer.concat([last.subarray(0, prefix), Buffer.from([(high >> bit) << bit])]);
}

/** One of so many keys is looked at for its letters. */
const shownOf = 8;

/** By the letters on either side of the middle: between '8' and '9' there is as much as between '0' and '1', behind it nothing. */
function shareOfLeft({ head, last }: KeyNode, middle: Buffer): number {
  const at = middle.length - 1;
  const [low, turn, high] = [head[0]?.[at] ?? 0, middle[at] ?? 0, last[at] ?? 0];
  const letters = alphabetOf([...head.filter((_, index) => index % shownOf === 0), last], at);
  const left = letters.filter((letter) => letter >= low && letter < turn).length;
  const right = letters.filter((letter) => letter >= turn && letter <= high).length;
  return Math.max(1, left) / (Math.max(1, left) + Math.max(1, right));
}

/** One way down from the node. */
async function sampleKeys(reader: KeyReader, start: KeyNode, random: () => number): Promise<number> {
  let node = start;
  let keys = 0;
  for (let weight = 1; ;) {
    const children = isKnown(node) ? null : await divide(reader, node);
    if (children === null) return keys + weight * node.head.length;
    const { left, right, share } = children;
    const [known, other] = isKnown(left) ? [left, right] : [right, left];
    if (isKnown(known)) {
      keys += weight * known.head.length;
      node = other;
      continue;
    }
    const goLeft = random() < share;
    node = goLeft ? left : right;
    weight /= goLeft ? share : 1 - share;
  }
}

export interface Sampling {
  readonly reader: KeyReader;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** A key that has many about it, if one is known: it is looked for, however few ways lead there. */
  readonly anchor?: Buffer | undefined;
}

/** The node in parts, in key order, from so many ways down, each through a part of its own. */
export async function stratify(
  sampling: Sampling,
  { node, part }: Pick<Stratum, 'node' | 'part'>,
  ways: number,
): Promise<Stratum[]> {
  const { reader, random, anchor } = sampling;
  if (isKnown(node)) return [{ node, part, keys: node.head.length }];
  const isWorth = ways > 1 || (anchor !== undefined && holds(node.range, anchor));
  const children = isWorth ? await divide(reader, node) : null;
  if (children === null) return [{ node, part, keys: await sampleKeys(reader, node, random) }];
  const { left, right, share } = children;
  const leftWays = isKnown(left) ? 0 : isKnown(right) ? ways : Math.round(ways * share);
  const [low, high] = await Promise.all([
    stratify(sampling, { node: left, part: part * share }, Math.max(1, leftWays)),
    stratify(sampling, { node: right, part: part * (1 - share) }, Math.max(1, ways - leftWays)),
  ]);
  return [...low, ...high];
}

function holds({ start, stop }: KeyRange, key: Buffer): boolean {
  return key.compare(start) >= 0 && (stop.length === 0 || key.compare(stop) < 0);
}
