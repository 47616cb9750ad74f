// Increments by cell timestamp. A scan of the window alone returns changed cells only, and NULL would be written over all others.
// So whole rows are read, newest versions, no upper bound; which, is found in one of two ways, chosen by the planner:
//   keys: scan of [from, to), first key only, no values ─► changed row keys ─► whole rows by multi-get
//   all:  scan of everything; rows with a newest cell in [from, to) are taken here: one that was overwritten since falls into a
//         later window
// With markers, deletes count as changes: a raw scan sees their markers, and the rows are always read by multi-get.
// A changed row that has no cells by then is gone. Keys keep their order; two multi-gets are under way at a time.
import { readInt32 } from '../encodings/bytes/bytes-integer.ts';
import type { RangeRead, RangeScanner } from './full-read.ts';
import type { CallOptions } from '../client/call-context.ts';
import { CellBlockCursor, cellTypes, latestTimestamp, rowKeyAt } from '../client/wire/cell-block.ts';
import { rowKeysFilter } from '../client/filters.ts';
import type { MultiOutcome, RowCells } from '../client/mutate/multi-call.ts';
import type { Get } from '../client/messages/get.ts';
import type { ScanOptions } from '../client/scan/scanner.ts';
import type { Text } from '../../../src/core/text.ts';

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
  /** [from, to) in ms; `to` may be Infinity: cells ahead of all clocks are read in every window until they lie behind. */
  readonly window: { readonly from: number; readonly to: number };
  readonly way: IncrementWay;
  /** Delete markers in the window count as changes. */
  readonly markers: boolean;
  /** Called in the order of keys; the bytes are good until it returns. */
  readonly onGone: (key: Uint8Array) => void;
}

export async function readIncrement(read: IncrementRead): Promise<void> {
  if (read.way === 'all' && !read.markers) return readChangedRows(read);
  const { decoder, out } = read;
  await readByKeys(read, changedKeys(read), ({ buffer, start, end }) =>
    decoder.decodeRow(buffer, start, end, out),
  );
}

/**
 * Tells the rows that are gone of all that a marker stands in, whatever its time: one bears the time of what it deletes where its
 * writer says so. For full reads, which see the rows that are there.
 */
export function readGone(read: Omit<IncrementRead, 'window' | 'way' | 'markers'>): Promise<void> {
  return readByKeys(read, markedKeys(read), ignore);
}

type KeysRead = Pick<IncrementRead, 'client' | 'table' | 'range' | 'selection' | 'out' | 'onGone' | 'signal'>;

async function readByKeys(
  read: KeysRead,
  portions: AsyncIterable<readonly Buffer[]>,
  onRow: (row: RowCells) => void,
): Promise<void> {
  const pending: Portion[] = [];
  try {
    for await (const keys of portions) {
      pending.push({ keys, rows: getRows(read, keys) });
      if (pending.length >= getsInFlight) await giveRows(read, pending.shift(), onRow);
    }
    while (pending.length > 0) await giveRows(read, pending.shift(), onRow);
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

type RowTest = (block: Uint8Array, cells: { readonly start: number; readonly end: number }) => boolean;

/** Keys of the rows that pass the test, in order, in portions. */
async function* keysOf(
  { client, table, range, signal }: KeysRead,
  scan: Partial<ScanOptions>,
  passes: RowTest,
): AsyncGenerator<readonly Buffer[]> {
  let keys: Buffer[] = [];
  for await (const { buffer, rowCount, rowStarts } of client.scan({ table, range, signal, ...scan })) {
    for (let row = 0; row < rowCount; row += 1) {
      const [start, end] = [rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0];
      if (!passes(buffer, { start, end })) continue;
      keys.push(Buffer.from(rowKeyAt(buffer, start)));
      if (keys.length < keysPerGet) continue;
      yield keys;
      keys = [];
    }
  }
  if (keys.length > 0) yield keys;
}

/** Of the rows with a change in the window. */
function changedKeys(read: IncrementRead): AsyncGenerator<readonly Buffer[]> {
  const { window, way } = read;
  const passes: RowTest = (block, cells) => way === 'keys' || hasCellIn(block, cells, window);
  return keysOf(read, selectChanges(read), passes);
}

function selectChanges({ window: { from, to }, way, markers }: IncrementRead): Partial<ScanOptions> {
  const raw = markers ? { raw: true, maxVersions: allVersions } : {};
  if (way === 'all') return { ...raw, filter: { kind: 'key-only' } };
  const end = to === Infinity ? latestTimestamp : BigInt(to);
  return { ...raw, timeRange: { from: BigInt(from), to: end }, filter: rowKeysFilter() };
}

/** Of the rows with a delete marker. */
function markedKeys(read: KeysRead): AsyncGenerator<readonly Buffer[]> {
  const raw = { raw: true, maxVersions: allVersions, filter: { kind: 'key-only' } } as const;
  const cells = new CellBlockCursor();
  return keysOf(read, raw, (block, { start, end }) => {
    cells.reset(block, start, end);
    while (cells.next()) if (cells.type !== cellTypes.put) return true;
    return false;
  });
}

function getRows(
  { client, table, selection, signal }: KeysRead,
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

async function giveRows(
  { out, onGone }: KeysRead,
  portion: Portion | undefined,
  onRow: (row: RowCells) => void,
): Promise<void> {
  if (portion === undefined) return;
  const outcome = await portion.rows;
  for (const [index, row] of outcome.rows.entries()) {
    if (row.start === row.end) onGone(portion.keys[index] ?? Buffer.alloc(0));
    else onRow(row);
  }
  outcome.release();
  await out.drained();
}

function ignore(): void {
  // Awaited elsewhere, or not wanted.
}
