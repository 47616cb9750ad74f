// Increments by cell timestamp. A scan of the window alone returns changed cells only, and NULL would be written over all others.
// So whole rows are read, newest versions, no upper bound; which, is found in one of two ways, chosen by the planner:
//   keys: scan of [from, to), first key only, no values ─► changed row keys ─► whole rows by multi-get
//   all:  scan of everything; rows with a newest cell in [from, to) are taken here: one that was overwritten since falls into a
//         later window
// With markers, deletes count as changes: a raw scan sees their markers, and the rows are always read by multi-get.
// A changed row that has no cells by then is gone. Keys keep their order; two multi-gets are under way at a time.
import { readInt32 } from './encodings/bytes-integer.ts';
import type { RangeRead, RangeScanner } from './full-read.ts';
import type { CallOptions } from './rpc/call-context.ts';
import { rowKeyAt } from './rpc/cell-block.ts';
import { rowKeysFilter } from './rpc/filters.ts';
import type { MultiOutcome } from './rpc/multi-call.ts';
import type { Get } from './rpc/messages/get.ts';
import type { ScanOptions } from './rpc/scanner.ts';
import type { Text } from '../../src/core/text.ts';

const notChanged: Text = { en: 'not changed in the window', zh: '窗口内未变更' };

const keysPerGet = 500;
const getsInFlight = 2;
const allVersions = 0x7fffffff;

export type IncrementWay = 'keys' | 'all';

/** What is needed of the HBase client. */
export interface RowReader extends RangeScanner {
  getRows(table: string, gets: readonly Get[], options: CallOptions): Promise<MultiOutcome>;
}

export interface IncrementRead extends RangeRead<RowReader> {
  /** [from, to) in ms. */
  readonly window: { readonly from: number; readonly to: number };
  readonly way: IncrementWay;
  /** Delete markers in the window count as changes. */
  readonly markers: boolean;
  /** Called in the order of keys; the bytes are good until it returns. */
  readonly onGone: (key: Uint8Array) => void;
  /** false: only rows that are gone are of interest. */
  readonly giveRows: boolean;
}

export async function readIncrement(read: IncrementRead): Promise<void> {
  if (read.way === 'all' && !read.markers) return readChangedRows(read);
  const pending: Portion[] = [];
  try {
    for await (const keys of changedKeys(read)) {
      pending.push({ keys, rows: getRows(read, keys) });
      if (pending.length >= getsInFlight) await giveRows(read, pending.shift());
    }
    while (pending.length > 0) await giveRows(read, pending.shift());
  } finally {
    for (const { rows } of pending) rows.then((outcome) => outcome.release(), ignore);
  }
}

interface Portion {
  readonly keys: readonly Buffer[];
  readonly rows: Promise<MultiOutcome>;
}

async function readChangedRows(read: IncrementRead): Promise<void> {
  const { client, table, range, selection, decoder, window, out, signal } = read;
  for await (const { buffer, rowCount, rowStarts } of client.scan({ table, range, signal, ...selection })) {
    for (let row = 0; row < rowCount; row += 1) {
      const [start, end] = [rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0];
      if (hasCellIn(buffer, { start, end }, window)) decoder.decodeRow(buffer, start, end, out);
      else out.filtered(notChanged);
    }
    await out.drained();
  }
}

/** Has one of the cells in `block[start, end)` a timestamp in the window? */
function hasCellIn(
  block: Uint8Array,
  cells: { readonly start: number; readonly end: number },
  { from, to }: IncrementRead['window'],
): boolean {
  for (let at = cells.start; at < cells.end; at += 4 + readInt32(block, at)) {
    const timeAt = at + 12 + readInt32(block, at + 4) - 9;
    const time = readInt32(block, timeAt) * 0x1_0000_0000 + (readInt32(block, timeAt + 4) >>> 0);
    if (time >= from && time < to) return true;
  }
  return false;
}

/** Keys of the rows with a change in the window, in order, in portions. */
async function* changedKeys(read: IncrementRead): AsyncGenerator<Buffer[]> {
  const { client, table, range, window, way, signal } = read;
  let keys: Buffer[] = [];
  for await (const { buffer, rowCount, rowStarts } of client.scan({
    table,
    range,
    signal,
    ...selectChanges(read),
  })) {
    for (let row = 0; row < rowCount; row += 1) {
      const [start, end] = [rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0];
      if (way === 'all' && !hasCellIn(buffer, { start, end }, window)) continue;
      keys.push(Buffer.from(rowKeyAt(buffer, start)));
      if (keys.length < keysPerGet) continue;
      yield keys;
      keys = [];
    }
  }
  if (keys.length > 0) yield keys;
}

function selectChanges({ window, way, markers }: IncrementRead): Partial<ScanOptions> {
  const raw = markers ? { raw: true, maxVersions: allVersions } : {};
  if (way === 'all') return { ...raw, filter: { kind: 'key-only' } };
  return {
    ...raw,
    timeRange: { from: BigInt(window.from), to: BigInt(window.to) },
    filter: rowKeysFilter(),
  };
}

function getRows(
  { client, table, selection, signal }: IncrementRead,
  keys: readonly Buffer[],
): Promise<MultiOutcome> {
  const rows = client.getRows(
    table,
    keys.map((row) => ({ row, ...selection })),
    { signal },
  );
  // Looked at in its turn; until then a failure must not count as unhandled.
  rows.catch(ignore);
  return rows;
}

async function giveRows(read: IncrementRead, portion: Portion | undefined): Promise<void> {
  if (portion === undefined) return;
  const { decoder, out, onGone } = read;
  const outcome = await portion.rows;
  for (const [index, { buffer, start, end }] of outcome.rows.entries()) {
    if (start === end) onGone(portion.keys[index] ?? Buffer.alloc(0));
    else if (read.giveRows) decoder.decodeRow(buffer, start, end, out);
  }
  outcome.release();
  await out.drained();
}

function ignore(): void {
  // Awaited elsewhere, or no longer wanted.
}
