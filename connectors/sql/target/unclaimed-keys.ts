// Finding the target's keys that a source's claim does not name. The claim is bounded; the target's keys within its range are
// looked through in pages, so that memory does not grow with what is to go.
//   A key is given back only if its bytes lie within the claim's range and are not claimed: then the source does not have it,
//   in whatever order the target keeps its keys.
import { SyncError } from '../../../src/core/errors.ts';
import type { Field } from '../../../src/core/connector/field-type.ts';
import { readRow } from '../../../src/core/record/row-format.ts';
import type { KeyClaim } from '../../../src/core/connector/sink-store.ts';
import type { SqlDialect } from './dialect.ts';

const LF = 0x0a;

/** Keys of one page, ascending; fewer than asked for: the last one. `after`: behind this key, else from the start of the range. */
export type ReadKeyPage = (after: Buffer | null) => Promise<readonly Buffer[]>;

/** What the target's rows are told apart by, as a sink plans it. */
interface KeyPlan {
  readonly fields: readonly Field[];
  readonly columns: readonly string[];
  /** Indexes among the fields. */
  readonly key: readonly number[];
}

export interface ComparedKey {
  /** Quoted. */
  readonly column: string;
  /** A key as its column takes it. */
  readonly bind: (key: Buffer) => Buffer | string;
}

/** The one column whose bytes are compared; `table` for messages. Throws TARGET_SCHEMA when the key is not one column of text or bytes. */
export function comparedKey(
  { fields, columns, key }: KeyPlan,
  table: string,
  { quote }: Pick<SqlDialect, 'quote'>,
): ComparedKey {
  const [index, second] = key;
  const kind = index === undefined ? undefined : fields[index]?.type.kind;
  if (index === undefined || second !== undefined || (kind !== 'string' && kind !== 'bytes'))
    throw new SyncError('TARGET_SCHEMA', {
      message: `${table}: keys are compared only where the key is one column of text or bytes`,
    });
  const column = quote(columns[index] ?? '');
  return { column, bind: (bytes) => (kind === 'bytes' ? bytes : bytes.toString('utf8')) };
}

/** Pages of keys to remove. Throws TARGET_SCHEMA when the target's order of keys is not that of their bytes. */
export async function* findUnclaimed(
  claim: KeyClaim,
  readPage: ReadKeyPage,
  pageSize: number,
): AsyncGenerator<readonly Buffer[]> {
  const claimed = readClaimed(claim);
  let after: Buffer | null = null;
  for (;;) {
    const page: readonly Buffer[] = await readPage(after);
    for (const key of page) {
      if (!liesWithin(claim, key) || (after !== null && after.compare(key) >= 0)) throw otherOrder(key);
      after = key;
    }
    const unclaimed = page.filter((key) => !claimed.all.has(key.toString('latin1')));
    for (const key of page) claimed.written.delete(key.toString('latin1'));
    if (unclaimed.length > 0) yield unclaimed;
    if (page.length < pageSize) break;
  }
  if (claimed.written.size > 0) claim.onLacking?.();
}

/** The condition of a page, in SQL: within the claim's range, behind `after`. `term`: the key as it is compared. */
export function keysBehind(
  { from, until }: KeyClaim,
  after: Buffer | null,
  { term, parameter }: { readonly term: string } & Pick<SqlDialect, 'parameter'>,
): { readonly where: string; readonly values: readonly Buffer[] } {
  const low = after ?? from;
  const parts = [
    ...(low === null ? [] : [`${term} ${after === null ? '>=' : '>'} ${parameter(1)}`]),
    ...(until === null ? [] : [`${term} < ${parameter(low === null ? 1 : 2)}`]),
  ];
  const values = [low, until].filter((bound) => bound !== null);
  return { where: parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`, values };
}

interface Claimed {
  readonly all: ReadonlySet<string>;
  /** Those that must be in the target. */
  readonly written: Set<string>;
}

function readClaimed({ keys }: KeyClaim): Claimed {
  const all = new Set<string>();
  const written = new Set<string>();
  for (let at = 0; at < keys.bytes.length;) {
    const end = keys.bytes.indexOf(LF, at);
    const [key, mark] = readRow(keys.bytes, at, end);
    if (key != null) all.add(key.toString('latin1'));
    if (key != null && mark?.toString() === '1') written.add(key.toString('latin1'));
    at = end + 1;
  }
  return { all, written };
}

function liesWithin({ from, until }: KeyClaim, key: Buffer): boolean {
  return (from === null || key.compare(from) >= 0) && (until === null || key.compare(until) < 0);
}

function otherOrder(key: Buffer): SyncError {
  return new SyncError('TARGET_SCHEMA', {
    message: `comparing keys: the target does not keep its keys in the order of their bytes (seen at ${JSON.stringify(key.toString('utf8'))}); give the key column a binary collation, or let the source not compare keys`,
  });
}

/** Keys that merge can't be compared: the row of one stands for the other. Throws TARGET_SCHEMA. */
export function requireExactKeys(mergesKeys: boolean): void {
  if (!mergesKeys) return;
  throw new SyncError('TARGET_SCHEMA', {
    message:
      'comparing keys: keys may merge in the target, so a key that is missing in the source may stand for one that is not; let the source not compare keys',
  });
}
