// What `byterule` does to the bytes of a row key, one step after another. What was put before a key so that it spreads is checked
// before it is taken off: a key that the rule did not make is a misfit, never another key's value.
import { counted } from '../../../src/core/text.ts';
import { createHash } from 'node:crypto';
import { printKey } from './printable-key.ts';

/** Bytes that a step may narrow, or put others in place of. */
export interface ByteRun {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** null = done; else what is wrong with the bytes, in words. */
export type ByteStep = (run: ByteRun) => string | null;

/** `length` bytes from the `from`-th on, the first is 1; Infinity: all that follow, at least one. */
export function slice(from: number, length: number): ByteStep {
  const need = from - 1 + (length === Infinity ? 1 : length);
  return (run) => {
    if (run.end - run.start < need)
      return `${counted(run.end - run.start, 'byte')} where at least ${need} are needed`;
    run.start += from - 1;
    if (length !== Infinity) run.end = run.start + length;
    return null;
  };
}

/** What stands behind the first separator. */
export function after(separator: Buffer): ByteStep {
  const problem = `no ${show(separator)} in it`;
  return (run) => {
    const at = find(run, separator);
    if (at < 0) return problem;
    run.start = at + separator.length;
    return null;
  };
}

/** The `index`-th part between separators, the first is 1; `of`: how many there must be, Infinity: enough. */
export function part(separator: Buffer, index: number, of: number): ByteStep {
  const wanted = of === Infinity ? `at least ${index}` : String(of);
  return (run) => {
    const { end } = run;
    let [count, start, stop] = [1, run.start, index === 1 ? end : -1];
    for (let at = find(run, separator); at >= 0; at = find(run, separator)) {
      if (count === index) stop = at;
      run.start = at + separator.length;
      count += 1;
      if (count === index) [start, stop] = [run.start, end];
      if (count > index && of === Infinity) break;
    }
    if (of === Infinity ? count < index : count !== of)
      return `${count} parts between ${show(separator)} where ${wanted} are needed`;
    [run.start, run.end] = [start, stop];
    return null;
  };
}

/** Byte by byte. */
export function reverse(): ByteStep {
  return (run) => {
    replace(run, Buffer.from(run.bytes.subarray(run.start, run.end)).reverse());
    return null;
  };
}

/** Character by character. */
export function reverseText(): ByteStep {
  return (run) => {
    const source = viewOf(run);
    const text = source.toString('utf8');
    if (text.includes('\uFFFD') && !Buffer.from(text).equals(source)) return 'not valid utf-8';
    replace(run, Buffer.from(Array.from(text).reverse().join('')));
    return null;
  };
}

/** 8 bytes of Long.MAX_VALUE − n → the 8 bytes of n, for every n: the difference is n with all bits but the sign inverted. */
export function longMaxMinus(): ByteStep {
  const inverted = Buffer.alloc(8);
  return (run) => {
    if (run.end - run.start !== 8) return `${counted(run.end - run.start, 'byte')} where 8 are needed`;
    for (let i = 0; i < 8; i += 1) inverted[i] = (run.bytes[run.start + i] ?? 0) ^ (i === 0 ? 0x7f : 0xff);
    replace(run, inverted);
    return null;
  };
}

const longMax = 0x7fff_ffff_ffff_ffffn;

/** 19 digits of Long.MAX_VALUE − n, with zeros in front → the digits of n. Fewer could be the same n once more. */
export function longMaxMinusText(): ByteStep {
  return (run) => {
    const text = viewOf(run).toString('latin1');
    if (!/^\d{19}$/.test(text) || BigInt(text) > longMax) return 'not the 19 digits of a long';
    replace(run, Buffer.from(String(longMax - BigInt(text))));
    return null;
  };
}

/** `digits` hex digits of the MD5 of what follows the separator. */
export function md5Prefix(digits: number, separator: Buffer): ByteStep {
  return (run) => {
    const key = run.start + digits + separator.length;
    if (key > run.end)
      return `${counted(run.end - run.start, 'byte')} where ${key - run.start} are put before the key`;
    const found = viewOf(run).subarray(0, key - run.start);
    run.start = key;
    const md5 = createHash('md5').update(viewOf(run)).digest('hex').slice(0, digits);
    if (found.equals(Buffer.concat([Buffer.from(md5), separator]))) return null;
    return `it begins with ${show(found)}, the md5 of the rest with ${md5}`;
  };
}

/** The byte that Phoenix puts before the keys of a table of `buckets` salt buckets. */
export function phoenixSalt(buckets: number): ByteStep {
  return (run) => {
    if (run.start >= run.end) return 'no byte of salt';
    const found = run.bytes[run.start];
    run.start += 1;
    let hash = 1;
    for (let at = run.start; at < run.end; at += 1)
      hash = (Math.imul(31, hash) + (((run.bytes[at] ?? 0) << 24) >> 24)) | 0;
    const salt = Math.abs(hash % buckets);
    return found === salt ? null : `the salt is ${found}, of ${buckets} buckets it would be ${salt}`;
  };
}

function find(run: ByteRun, separator: Buffer): number {
  const at = viewOf(run).indexOf(separator);
  return at < 0 ? at : run.start + at;
}

function viewOf({ bytes, start, end }: ByteRun): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}

function replace(run: ByteRun, bytes: Uint8Array): void {
  run.bytes = bytes;
  run.start = 0;
  run.end = bytes.length;
}

function show(bytes: Uint8Array): string {
  return `'${printKey(bytes)}'`;
}
