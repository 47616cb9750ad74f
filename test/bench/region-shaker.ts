// Keeps a table's regions on the move without changing a cell of it: moves, splits, merges, flushes, major compactions, one after
// another without pause. Half of the events take the region that a scan is reading at the moment.
import { decodeCells } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { HBaseError } from '../../connectors/hbase/client/hbase-error.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { HbaseOracle, OracleRegion } from '../support/hbase-oracle.ts';

/** Two moves for each of the others: they are the commonest in a living cluster, balancer and rolling restarts. */
const order = ['move', 'split', 'move', 'flush', 'move', 'merge', 'move', 'compact'] as const;

export type RegionEvent = (typeof order)[number];

export interface Shaken {
  readonly oracle: HbaseOracle;
  /** Not the one whose scans are looked at. */
  readonly client: HBaseClient;
  readonly table: string;
  /** Row that the scan has come to; undefined between scans. */
  readonly position: () => Buffer | undefined;
  readonly random: (below: number) => number;
  readonly onEvent: (event: RegionEvent) => void;
  /** Told when HBase would not, such as splitting a region whose files are still those of its parent. */
  readonly onRefused: (event: RegionEvent, error: Error) => void;
}

const fewestRegions = 6;
const mostRegions = 14;
const rewrittenRows = 500;

/** Ends after the event at hand when the signal aborts. */
export async function shakeRegions(shaken: Shaken, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn += 1) {
    const event = order[turn % order.length] ?? 'move';
    try {
      if (await cause(event, shaken)) shaken.onEvent(event);
    } catch (error) {
      if (!(error instanceof SyncError || error instanceof HBaseError)) throw error;
      if (error.code !== 'STACK_FAILED' && error.code !== 'HBASE_FAILED') throw error;
      shaken.onRefused(event, error);
    }
  }
}

/** False when there was nothing to do it to. */
async function cause(event: RegionEvent, shaken: Shaken): Promise<boolean> {
  const { oracle, client, table } = shaken;
  if (event === 'flush') {
    await rewriteSomeRows(shaken);
    await oracle.flush(table);
    return true;
  }
  if (event === 'compact') {
    await client.compactTable(table);
    return true;
  }
  const regions = await oracle.regions(table);
  const index = pick(regions, shaken);
  const [region, next] = [regions[index], regions[index + 1]];
  if (region === undefined) return false;
  if (event === 'move') await oracle.moveRegion(table, region.encodedName);
  else if (event === 'merge') {
    if (next === undefined || regions.length <= fewestRegions) return false;
    await oracle.mergeRegions(table, region.encodedName, next.encodedName);
  } else {
    const middle = middleSalt(region);
    if (middle === undefined || regions.length >= mostRegions) return false;
    await oracle.splitRegion(table, region.encodedName, middle);
  }
  return true;
}

function pick(regions: readonly OracleRegion[], { position, random }: Shaken): number {
  const row = random(2) === 0 ? position() : undefined;
  if (row === undefined) return random(regions.length);
  return regions.findLastIndex(({ startKey }) => startKey.compare(row) <= 0);
}

/** The keys begin with two hex digits of salt. */
function middleSalt({ startKey, endKey }: OracleRegion): string | undefined {
  const start = startKey.length === 0 ? 0 : parseInt(startKey.toString('latin1', 0, 2), 16);
  const end = endKey.length === 0 ? 256 : parseInt(endKey.toString('latin1', 0, 2), 16);
  const middle = (start + end) >> 1;
  return middle === start ? undefined : middle.toString(16).padStart(2, '0');
}

/** The same cells with the same timestamps again: something to flush, nothing to see. */
async function rewriteSomeRows({ client, table, random }: Shaken): Promise<void> {
  const start = Buffer.from(random(256).toString(16).padStart(2, '0'));
  const range = { start, stop: Buffer.alloc(0) };
  for await (const { buffer, rowCount, rowStarts } of client.scan({
    table,
    range,
    limitRows: rewrittenRows,
    rowsPerResponse: rewrittenRows,
  })) {
    const mutations = Array.from({ length: rowCount }, (_, i) => {
      const cells = decodeCells(buffer, rowStarts[i] ?? 0, rowStarts[i + 1] ?? 0);
      return { kind: 'put' as const, row: cells[0]?.row ?? Buffer.alloc(0), cells };
    });
    await client.mutateRows(table, mutations);
  }
}
