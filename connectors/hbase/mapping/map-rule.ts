// `maprule`: what happens to a cell's text before it becomes the field's value.
//   rules = rule *( "|" rule )                       ; from left to right
//   rule  = "trim" / "upper" / "lower" / "substring(" n [ "," m ] ")" / "default(" text ")" / "date(" text ")"
// substring(n,m): m characters from the n-th on, the first is 1. default('x'): x where the cell is missing or empty.
// date('pattern'): the layout of the text, date-pattern.ts; it must be the last rule.
import { kindName } from '../../../src/core/connector/field-type.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { ByteWriter } from '../../../src/core/record/row-format.ts';
import { compileEncoding } from '../encodings/all-encodings.ts';
import { dateTypeOf } from '../encodings/calendar.ts';
import { inCharset } from '../encodings/text/charset.ts';
import { compileDatePattern } from '../encodings/text/date-pattern.ts';
import type { ValueWriter } from '../encodings/encoding.ts';
import { NULL_VALUE } from '../encodings/encoding.ts';
import { readCalls, readCount } from './quoted-text.ts';
import type { Call } from './quoted-text.ts';
import type { ValueSettings } from './value-settings.ts';

const mapRuleHelp = `known: trim, upper, lower, substring(n,m), default('x'), date('pattern'), joined by |`;

export interface CompiledValue {
  readonly write: ValueWriter;
  /** Row text of a missing cell; null = NULL. */
  readonly whenMissing: Uint8Array | null;
}

export interface ValueSpec {
  readonly encoding: string;
  readonly type: FieldType;
  /** As in the mapping; blank = none. */
  readonly mapRule: string;
  readonly settings: ValueSettings;
}

/** The writer of a field's values; a string says what is wrong with encoding or rule. */
export function compileValue(
  spec: ValueSpec,
): CompiledValue | { readonly key: 'encoding' | 'maprule' | 'sourceFiled'; readonly problem: string } {
  const base = compileEncoding(spec.encoding, spec.type, spec.settings);
  if (typeof base === 'string') return { key: 'encoding', problem: base };
  const { charset } = spec.settings;
  if (spec.mapRule.trim() === '') return { write: inCharset(charset, base), whenMissing: null };
  const rules = readRules(spec.mapRule);
  if (rules === null) return { key: 'maprule', problem: `unknown rule; ${mapRuleHelp}` };
  const compiled = compileRules(rules, spec, base);
  if (typeof compiled === 'string') return { key: 'maprule', problem: compiled };
  return { ...compiled, write: inCharset(charset, compiled.write) };
}

/** A value that stands in the mapping itself: every row misses it. */
export function compileConstant(text: string, spec: ValueSpec): ReturnType<typeof compileValue> {
  if (spec.mapRule.trim() !== '')
    return { key: 'maprule', problem: 'a constant is what it is; leave maprule blank' };
  const value = writeConstant(text, spec.type);
  if (typeof value === 'string')
    return { key: 'sourceFiled', problem: `'${text}' does not fit the field type: ${value}` };
  return { write: () => NULL_VALUE, whenMissing: value };
}

type TransformRule =
  | { readonly name: 'trim' | 'upper' | 'lower' }
  | { readonly name: 'substring'; readonly from: number; readonly length: number };

type Rule =
  | TransformRule
  | { readonly name: 'default'; readonly text: string }
  | { readonly name: 'date'; readonly text: string };

function readRules(source: string): readonly Rule[] | null {
  const rules = readCalls(source)?.map(readRule) ?? [null];
  const known = rules.filter((rule) => rule !== null);
  return known.length === rules.length ? known : null;
}

function readRule({ name, values }: Call): Rule | null {
  if (name === 'trim' || name === 'upper' || name === 'lower') return values === null ? { name } : null;
  const [first, second] = values ?? [];
  if (name === 'default' || name === 'date')
    return values?.length === 1 && first?.kind === 'text' ? { name, text: first.value } : null;
  if (name !== 'substring' || values === null || values.length > 2) return null;
  const from = readCount(first, 1);
  const length = second === undefined ? Infinity : readCount(second, 0);
  return from === null || length === null ? null : { name, from, length };
}

function compileRules(rules: readonly Rule[], spec: ValueSpec, base: ValueWriter): CompiledValue | string {
  let write = base;
  let whenMissing: Uint8Array | null = null;
  for (const [index, rule] of [...rules.entries()].reverse()) {
    if (rule.name === 'default') {
      const value = writeConstant(rule.text, spec.type);
      if (typeof value === 'string') return `default('${rule.text}') does not fit the field type: ${value}`;
      whenMissing = value;
      write = withDefault(write, value);
      continue;
    }
    if (spec.encoding !== 'text')
      return `${rule.name} works on text; this field's encoding is ${spec.encoding}`;
    if (rule.name === 'date') {
      if (rules.slice(index + 1).some((later) => later.name !== 'default'))
        return 'date(…) must be the last rule';
      const dated = compileDate(rule.text, spec, whenMissing);
      if (typeof dated === 'string') return dated;
      write = dated;
    } else write = transformed(write, transformOf(rule));
  }
  return { write, whenMissing };
}

function compileDate(
  pattern: string,
  { type, settings }: ValueSpec,
  whenMissing: Uint8Array | null,
): ValueWriter | string {
  const dateType = dateTypeOf(type);
  if (dateType === null)
    return `date(…) needs a field type date, time, datetime or timestamp, not ${kindName(type.kind)}`;
  const write = compileDatePattern(pattern, dateType, settings);
  return typeof write === 'string' || whenMissing === null ? write : withDefault(write, whenMissing);
}

/** Row text of a value that stands in the mapping itself; a string says why it does not fit. */
function writeConstant(text: string, type: FieldType): Uint8Array | string {
  const write = compileEncoding('text', type);
  if (typeof write === 'string') return write;
  const out = new ByteWriter();
  const bytes = Buffer.from(text);
  return write(out, bytes, 0, bytes.length) ?? Buffer.from(out.bytes.subarray(0, out.length));
}

function withDefault(write: ValueWriter, value: Uint8Array): ValueWriter {
  return (out, bytes, start, end) => {
    const problem = start < end ? write(out, bytes, start, end) : NULL_VALUE;
    if (problem !== NULL_VALUE) return problem;
    out.ensure(value.length);
    out.bytes.set(value, out.length);
    out.length += value.length;
    return null;
  };
}

/** Text to text; rules are off the fast path, so strings are allowed. */
type Transform = (text: string) => string;

function transformed(write: ValueWriter, transform: Transform): ValueWriter {
  return (out, bytes, start, end) => {
    const source = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
    // What is not UTF-8 must stay what it is, so that the field's own check sees it.
    const text = source.toString('utf8');
    if (text.includes('\uFFFD') && !Buffer.from(text).equals(source)) return 'not valid utf-8';
    const result = Buffer.from(transform(text));
    return write(out, result, 0, result.length);
  };
}

function transformOf(rule: TransformRule): Transform {
  switch (rule.name) {
    case 'trim':
      return (text) => text.trim();
    case 'upper':
      return (text) => text.toUpperCase();
    case 'lower':
      return (text) => text.toLowerCase();
    case 'substring':
      return (text) =>
        Array.from(text)
          .slice(rule.from - 1, rule.from - 1 + rule.length)
          .join('');
  }
}
