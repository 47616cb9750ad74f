// `limitcondition`: which rows a field lets pass. It looks at the field's value in the row, after encoding and map rule.
//   condition = [ field ] ( operator literal / "is null" / "is not null" )
//   operator  = "=" / "!=" / "<" / "<=" / ">" / ">="      ; literal = number / quoted text
// As in SQL, a comparison with NULL never lets a row pass.
import { kindName } from '../../../src/core/connector/field-type.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { ByteWriter } from '../../../src/core/record/row-format.ts';
import { compileEncoding } from '../encodings/all-encodings.ts';
import { readTokens } from './quoted-text.ts';
import type { Token } from './quoted-text.ts';
import { comparatorOf } from '../source/value-order.ts';

const limitConditionHelp = `known: =, !=, <, <=, >, >= with a number or 'quoted text', is null, is not null`;

/** Does a row pass? The field's row text is `bytes[start, end)`; start < 0: NULL. */
export type Condition = (bytes: Uint8Array, start: number, end: number) => boolean;

export interface ConditionSpec {
  /** As in the mapping; blank = none. */
  readonly text: string;
  readonly type: FieldType;
  /** Names that may stand in front. */
  readonly names: readonly string[];
}

/** null: no condition; a string says what is wrong with it. */
export function compileCondition(spec: ConditionSpec): Condition | string | null {
  if (spec.text.trim() === '') return null;
  const tokens = readTokens(spec.text);
  if (tokens === null) return `not understood; ${limitConditionHelp}`;
  const [first] = tokens;
  const named = first?.kind === 'name' && first.value.toLowerCase() !== 'is';
  if (named && !spec.names.includes(first.value))
    return `compares '${first.value}', but a condition stands on its own field; ${limitConditionHelp}`;
  return compileTest(named ? tokens.slice(1) : tokens, spec.type);
}

function compileTest(tokens: readonly Token[], type: FieldType): Condition | string {
  const words = tokens.map((token) => (token.kind === 'name' ? token.value.toLowerCase() : token.value));
  const sentence = tokens.every((token) => token.kind === 'name') ? words.join(' ') : '';
  if (sentence === 'is null') return (_bytes, start) => start < 0;
  if (sentence === 'is not null') return (_bytes, start) => start >= 0;
  const [operator, literal] = tokens;
  const decide = operator?.kind === 'sign' ? decisions[operator.value] : undefined;
  if (decide === undefined || tokens.length !== 2 || literal === undefined)
    return `not understood; ${limitConditionHelp}`;
  if (literal.kind !== 'text' && literal.kind !== 'number') return `not understood; ${limitConditionHelp}`;
  return compileComparison(decide, literal.value, type);
}

const decisions: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function compileComparison(
  decide: (order: number) => boolean,
  literal: string,
  type: FieldType,
): Condition | string {
  const compare = comparatorOf(type.kind);
  if (compare === null) return `a field of type ${kindName(type.kind)} can only be asked for null`;
  const constant = writeLiteral(literal, type);
  if (typeof constant === 'string') return `'${literal}' does not fit the field type: ${constant}`;
  return (bytes, start, end) => start >= 0 && decide(compare(bytes, start, end, constant));
}

/** A literal in row text. Numbers are compared by value, so a decimal of any scale will do for any number. */
function writeLiteral(literal: string, type: FieldType): Uint8Array | string {
  const isNumber = type.kind.startsWith('int') || type.kind === 'decimal';
  const write = compileEncoding('text', isNumber ? { kind: 'decimal', precision: 65, scale: 30 } : type);
  if (typeof write === 'string') return write;
  const out = new ByteWriter();
  const bytes = Buffer.from(literal);
  return write(out, bytes, 0, bytes.length) ?? Buffer.from(out.bytes.subarray(0, out.length));
}
