// Text of the row format → values as SQLite stores them, each checked against its field's type: SQLite itself would take
// nearly anything, and quietly turn some of it into something else.
import type { Field } from '../../src/core/connector/field-type.ts';
import { valueProblem } from '../../src/core/record/value-problem.ts';
import type { Value } from './database.ts';

export type Typed = { readonly value: Value } | { readonly problem: string };

/** `raw` is unescaped; null = NULL. */
export function toTyped(field: Field, raw: Buffer | null): Typed {
  const problem = valueProblem(field, raw);
  if (problem !== null) return { problem };
  const value = raw === null ? null : valueOf(field, raw);
  return Object.is(value, -0) ? { problem: 'the value is -0, which SQLite would store as 0' } : { value };
}

function valueOf({ type: { kind } }: Field, raw: Buffer): Value {
  if (kind === 'bytes') return raw;
  const text = raw.toString('utf8');
  if (kind.startsWith('int') || kind === 'boolean') return BigInt(text);
  return kind.startsWith('float') ? Number(text) : text;
}
