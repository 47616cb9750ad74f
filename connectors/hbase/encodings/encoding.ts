// What a value encoding is: the way a cell's bytes hold a value, compiled once per field into a writer of row text.
import type { FieldType } from '../../../src/core/field-type.ts';
import type { ByteWriter } from '../../../src/core/row-format.ts';

export type FieldKind = FieldType['kind'];

/**
 * Writes the value in `bytes[start, end)` behind `out.length` as the row format wants it. null = written; else what is wrong
 * with the bytes, in words, and nothing of what stands behind the old `out.length` counts. Runs once per cell: no allocation
 * on the good path.
 */
export type ValueWriter = (out: ByteWriter, bytes: Uint8Array, start: number, end: number) => string | null;

export interface Encoding {
  /** As the mapping's `encoding` names it. */
  readonly name: string;
  /** Kinds of field types that a value of this encoding can fill. */
  readonly kinds: readonly FieldKind[];
  /** `type.kind` is one of `kinds`. */
  compile(type: FieldType): ValueWriter;
}

export const integerKinds = ['int8', 'int16', 'int32', 'int64'] as const;
export type IntegerKind = (typeof integerKinds)[number];

/** For a switch over kinds that `Encoding.kinds` has narrowed. */
export function unexpectedKind(encoding: string, type: FieldType): never {
  throw new Error(`the encoding ${encoding} was compiled for ${type.kind}, which it does not list`);
}
