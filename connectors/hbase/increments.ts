// Increments by cell timestamp. A scan of the window alone returns changed cells only, and NULL would be written over all others:
//   scan of [from, to), first key only, no values ─► changed row keys ─► whole rows by multi-get, newest versions, no upper bound
// A row that is gone by then is counted as vanished. Keys keep their order; two multi-gets are under way at a time.
import type { RangeRead, RangeScanner } from './full-read.ts';
import type { CallOptions } from './rpc/call-context.ts';
import { rowKeyAt } from './rpc/cell-block.ts';
import type { MultiOutcome } from './rpc/multi-call.ts';
import type { Get } from './rpc/messages/get.ts';

const keysPerGet = 500;
const getsInFlight = 2;

/** What is needed of the HBase client. */
export interface RowReader extends RangeScanner {
  getRows(table: string, gets: readonly Get[], options: CallOptions): Promise<MultiOutcome>;
}

export interface IncrementRead extends RangeRead<RowReader> {
  /** [from, to) in ms. */
  readonly window: { readonly from: number; readonly to: number };
}

export async function readIncrement(read: IncrementRead): Promise<void> {
  const pending: Promise<MultiOutcome>[] = [];
  try {
    for await (const keys of changedKeys(read)) {
      pending.push(getRows(read, keys));
      if (pending.length >= getsInFlight) await giveRows(read, pending.shift());
    }
    while (pending.length > 0) await giveRows(read, pending.shift());
  } finally {
    for (const outcome of pending) outcome.then((rows) => rows.release(), ignore);
  }
}

/** Keys of the rows with a cell in the window, in order, in portions. */
async function* changedKeys({
  client,
  table,
  range,
  window,
  signal,
}: IncrementRead): AsyncGenerator<Buffer[]> {
  const timeRange = { from: BigInt(window.from), to: BigInt(window.to) };
  const filter = { kind: 'all', filters: [{ kind: 'first-key-only' }, { kind: 'key-only' }] } as const;
  let keys: Buffer[] = [];
  for await (const { buffer, rowCount, rowStarts } of client.scan({
    table,
    range,
    timeRange,
    filter,
    signal,
  })) {
    for (let row = 0; row < rowCount; row += 1) {
      keys.push(Buffer.from(rowKeyAt(buffer, rowStarts[row] ?? 0)));
      if (keys.length < keysPerGet) continue;
      yield keys;
      keys = [];
    }
  }
  if (keys.length > 0) yield keys;
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

async function giveRows(
  { decoder, out }: IncrementRead,
  pending: Promise<MultiOutcome> | undefined,
): Promise<void> {
  const outcome = await pending;
  if (outcome === undefined) return;
  for (const { buffer, start, end } of outcome.rows) {
    if (start === end) out.filtered('vanished');
    else decoder.decodeRow(buffer, start, end, out);
  }
  outcome.release();
  await out.drained();
}

function ignore(): void {
  // Awaited elsewhere, or no longer wanted.
}
