// What the schemas of bodies and answers are put together from.
import { Type } from '@sinclair/typebox';
import type { Static, TSchema, TUnsafe } from '@sinclair/typebox';

export const closed = { additionalProperties: false } as const;

/** `nullable` rather than a union with null: defaults inside are applied. */
export const Nullable = <T extends TSchema>(schema: T, options: object = {}): TUnsafe<Static<T> | null> =>
  Type.Unsafe<Static<T> | null>({ ...schema, nullable: true, ...options });

/** One of these words; a wrong one is answered with all of them, and with what `x-refused` says of it. */
export const OneOf = <const T extends string>(
  words: readonly T[],
  options: {
    readonly 'x-refused'?: Readonly<Record<string, string>>;
    readonly [option: string]: unknown;
  } = {},
): TUnsafe<T> => Type.Unsafe<T>({ type: 'string', enum: [...words], ...options });
