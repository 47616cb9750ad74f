// `byterule`: what happens to the bytes of a row key before its encoding reads them.
//   rules = rule *( "|" rule )                       ; from left to right
//   rule  = "slice(" n [ "," m ] ")"                 ; m bytes from the n-th on, the first is 1
//         / "after(" text ")"                        ; what stands behind the first such text
//         / "part(" text "," i [ "," n ] ")"         ; the i-th of the parts between such texts, which must be n
//         / "reverse" / "reverse-text"               ; byte by byte, character by character
//         / "long-max-minus" / "long-max-minus-text" ; Long.MAX_VALUE − n → n, as 8 bytes, as 19 digits
//         / "md5-prefix(" n [ "," text ] ")"         ; n hex digits of the MD5 of the rest, and perhaps a text, taken off
//         / "phoenix-salt(" n ")"                    ; the salt byte of n buckets, taken off
// A text may hold bytes as `\xHH`. What a rule keeps of the key is noted, so that keys that could merge are known: key-merging.ts.
import { after, longMaxMinus, longMaxMinusText, md5Prefix, part, phoenixSalt } from './byte-steps.ts';
import { reverse, reverseText, slice } from './byte-steps.ts';
import type { ByteRun, ByteStep } from './byte-steps.ts';
import type { ValueWriter } from '../encodings/encoding.ts';
import { readKey } from './printable-key.ts';
import { readCalls, readCount } from './quoted-text.ts';
import type { Call, Token } from './quoted-text.ts';

const byteRuleHelp = `known: slice(n,m), after('s'), part('s',i,n), reverse, reverse-text, long-max-minus, long-max-minus-text, md5-prefix(n), md5-prefix(n,'s'), phoenix-salt(n), joined by |`;

/** What the bytes behind a rule tell of those before it. */
export type Kept =
  | { readonly kind: 'all' | 'some' }
  /** Bytes [from, until) of them, counted from 0. */
  | { readonly kind: 'slice'; readonly from: number; readonly until: number }
  /** One of exactly `of` parts. */
  | { readonly kind: 'part'; readonly separator: string; readonly index: number; readonly of: number };

export interface ByteRule {
  /** As written; '' = none. */
  readonly text: string;
  readonly apply: (write: ValueWriter) => ValueWriter;
  readonly kept: Kept;
  /** The rules before those that keep a part: parts of the same whole have the same. */
  readonly wholeBy: string;
}

/** Nothing happens to the bytes. */
export const noByteRule: ByteRule = {
  text: '',
  apply: (write) => write,
  kept: { kind: 'all' },
  wholeBy: '[]',
};

/** The rule, or in words what is wrong with it; blank: none. */
export function compileByteRule(text: string): ByteRule | string {
  if (text.trim() === '') return noByteRule;
  const calls = readCalls(text);
  const rules = calls?.map(readRule) ?? [null];
  const known = rules.filter((rule) => rule !== null);
  if (calls === null || known.length < rules.length) return `unknown rule; ${byteRuleHelp}`;
  const cutAt = known.findIndex(({ kept }) => kept.kind !== 'all');
  const first = known[cutAt]?.kept ?? { kind: 'all' };
  const rest = known.slice(cutAt + 1);
  return {
    text: text.trim(),
    apply: (write) => compileSteps(known, write),
    kept: rest.every(({ kept }) => kept.kind === 'all') ? first : { kind: 'some' },
    wholeBy: JSON.stringify(cutAt < 0 ? calls : calls.slice(0, cutAt)),
  };
}

function compileSteps(rules: readonly Rule[], write: ValueWriter): ValueWriter {
  const steps = rules.map(({ step }) => step);
  const run: ByteRun = { bytes: new Uint8Array(0), start: 0, end: 0 };
  return (out, bytes, start, end) => {
    run.bytes = bytes;
    run.start = start;
    run.end = end;
    for (const step of steps) {
      const problem = step(run);
      if (problem !== null) return problem;
    }
    return write(out, run.bytes, run.start, run.end);
  };
}

interface Rule {
  readonly step: ByteStep;
  readonly kept: Kept;
}

const all: Kept = { kind: 'all' };
const some: Kept = { kind: 'some' };

const plainRules: Readonly<Record<string, () => ByteStep>> = {
  reverse,
  'reverse-text': reverseText,
  'long-max-minus': longMaxMinus,
  'long-max-minus-text': longMaxMinusText,
};

const rulesWithValues: Readonly<Record<string, (values: readonly Token[]) => Rule | null>> = {
  slice: readSlice,
  after: readAfter,
  part: readPart,
  'md5-prefix': readMd5,
  'phoenix-salt': readSalt,
};

function readRule({ name, values }: Call): Rule | null {
  if (values === null)
    return Object.hasOwn(plainRules, name) ? { step: plainRules[name]?.() ?? reverse(), kept: all } : null;
  return Object.hasOwn(rulesWithValues, name) ? (rulesWithValues[name]?.(values) ?? null) : null;
}

function readSlice([first, second, ...more]: readonly Token[]): Rule | null {
  const from = readCount(first, 1);
  const length = second === undefined ? Infinity : readCount(second, 1);
  if (from === null || length === null || more.length > 0) return null;
  const kept: Kept = { kind: 'slice', from: from - 1, until: from - 1 + length };
  return { step: slice(from, length), kept };
}

function readAfter([text, ...more]: readonly Token[]): Rule | null {
  const separator = readSeparator(text);
  return separator === null || more.length > 0 ? null : { step: after(separator), kept: some };
}

function readPart([text, which, count, ...more]: readonly Token[]): Rule | null {
  const separator = readSeparator(text);
  const index = readCount(which, 1);
  if (separator === null || index === null || more.length > 0) return null;
  if (count === undefined) return { step: part(separator, index, Infinity), kept: some };
  const of = readCount(count, index);
  if (of === null) return null;
  const kept: Kept = { kind: 'part', separator: separator.toString('hex'), index, of };
  return { step: part(separator, index, of), kept };
}

function readMd5([first, text, ...more]: readonly Token[]): Rule | null {
  const digits = readCount(first, 1);
  const separator = text === undefined ? Buffer.alloc(0) : readSeparator(text);
  if (digits === null || digits > 32 || separator === null || more.length > 0) return null;
  return { step: md5Prefix(digits, separator), kept: all };
}

function readSalt([first, ...more]: readonly Token[]): Rule | null {
  const buckets = readCount(first, 1);
  if (buckets === null || buckets > 256 || more.length > 0) return null;
  return { step: phoenixSalt(buckets), kept: all };
}

function readSeparator(token: Token | undefined): Buffer | null {
  const bytes = token?.kind === 'text' ? readKey(token.value) : null;
  return bytes === null || bytes.length === 0 ? null : bytes;
}
