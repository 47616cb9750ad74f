// What a value encoding is: the way a cell's bytes hold a value, compiled once per field into a writer of row text.
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import type { ByteWriter } from '../../../src/core/record/row-format.ts';
import { utc } from '../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../src/core/time/time-zone.ts';

export type FieldKind = FieldType['kind'];

/** What a writer returns instead of a problem when the bytes stand for NULL. */
export const NULL_VALUE = 'no value';

/** How texts in cells are to be read, where neither they nor the encoding say. */
export interface TextSettings {
  /** Zone of dates and times that name none. */
  readonly zone: Zone;
}

export const plainText: TextSettings = { zone: utc };

/**
 * Writes the value in `bytes[start, end)` behind `out.length` as the row format wants it. null = written; NULL_VALUE = the
 * bytes stand for NULL, nothing was written; else what is wrong with the bytes, in words, and nothing of what stands behind the
 * old `out.length` counts. Runs once per cell: no allocation on the good path.
 */
export type ValueWriter = (out: ByteWriter, bytes: Uint8Array, start: number, end: number) => string | null;

/** `raw`: the field's text, unescaped. A string says what is wrong with it. Throws nothing. */
export type ValueEncoder = (raw: Buffer) => Buffer | string;

export interface Encoding {
  /** As the mapping's `encoding` names it. */
  readonly name: string;
  /** Kinds of field types that a value of this encoding can fill. */
  readonly kinds: readonly FieldKind[];
  /** `type.kind` is one of `kinds`. */
  compile(type: FieldType, settings: TextSettings): ValueWriter;
  /** Have different bytes always different texts in a field of this type? A key may not be made of others. */
  oneToOne(type: FieldType): boolean;
}

export const integerKinds = ['int8', 'int16', 'int32', 'int64'] as const;
export type IntegerKind = (typeof integerKinds)[number];

/** For a switch over kinds that `Encoding.kinds` has narrowed. */
export function unexpectedKind(encoding: string, type: FieldType): never {
  throw new Error(`the encoding ${encoding} was compiled for ${type.kind}, which it does not list`);
}

export const always = (): boolean => true;
export const never = (): boolean => false;
