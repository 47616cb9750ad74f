// A source's claim as both sides compare it.
import type { KeyClaim } from '../connector/sink-store.ts';
import { SyncError } from '../errors.ts';
import { liesWithin } from './key-order.ts';
import type { ComparedKey, ComparedRange, KeyOrder } from './key-order.ts';
import { readRow } from './row-format.ts';
import { rowsOf } from './row-key.ts';

export interface ReadClaim extends ComparedRange {
  /** Ids of all keys that the source has in the range. */
  readonly there: ReadonlySet<string>;
  /** Of those that earlier runs or this one must have written. */
  readonly written: ReadonlySet<string>;
}

/**
 * Throws SOURCE_SCHEMA for a key outside of the claim's range: claims lie end to end, so a key that stands in the wrong one would be
 * taken for one that is gone.
 */
export function readClaim(order: KeyOrder, { from, until, keys }: KeyClaim): ReadClaim {
  const range = { from: boundOf(order, from), until: boundOf(order, until) };
  const [there, written] = [new Set<string>(), new Set<string>()];
  const parts = order.fields.length;
  for (const { start, end } of rowsOf(keys)) {
    const values = readRow(keys.bytes, start, end);
    const key = order.read(values);
    if (key === null || !liesWithin(order, range, key)) throw otherOrder(values.slice(0, parts));
    there.add(key.id);
    if (values[parts] != null) written.add(key.id);
  }
  return { ...range, there, written };
}

function boundOf(order: KeyOrder, values: readonly Buffer[] | null): ComparedKey | null {
  if (values === null) return null;
  const key = order.read(values);
  if (key === null) throw otherOrder(values);
  return key;
}

function otherOrder(values: readonly (Buffer | null)[]): SyncError {
  return new SyncError('SOURCE_SCHEMA', {
    message: `comparing keys: the source does not give its keys in the order in which they are compared (seen at ${printKey(values)}): numbers by size, all else by its bytes; let it ignore deletes`,
  });
}

/** For messages. */
export function printKey(values: readonly (Buffer | null)[]): string {
  return JSON.stringify(values.map((value) => value?.toString('utf8') ?? null));
}
