// Cells of a target table that are newer than what a run is about to write – the future's, or ahead of our clock: HBase shows the newest
// cell, so they hide the run's, and markers of deletes take them away. Servers pass over files that hold nothing so new: a look at the
// whole table costs about two calls per region.
import type { Text } from '../../../src/core/text.ts';
import { printKey } from '../mapping/printable-key.ts';
import { decodeCells } from '../client/wire/cell-block.ts';
import type { Cell } from '../client/wire/cell-block.ts';
import { wholeTable } from '../client/key-range.ts';
import type { HBaseClient } from '../client/client.ts';
import type { HBaseSinkConfig } from './sink-config.ts';
import type { SinkPlan } from './sink-plan.ts';

const lookMs = 20_000;
const latest = 0x7fffffffffffffffn;

export interface NewerCellsRequest {
  readonly table: string;
  /** Those that are written to. */
  readonly families: readonly string[];
  /** The first timestamp that the run may give, ms. */
  readonly from: number;
  readonly signal: AbortSignal;
}

/** Cells that would hide a run's; where a field or the records give the cells' time, runs are in doubt as it is. */
export async function doubtHidden(
  client: Pick<HBaseClient, 'scan'>,
  { table, timestampRecord }: Pick<HBaseSinkConfig, 'table' | 'timestampRecord'>,
  run: { readonly plan: SinkPlan; readonly from: number; readonly signal: AbortSignal },
): Promise<readonly Text[]> {
  const { plan, from, signal } = run;
  if (plan.timestamp !== null || timestampRecord) return [];
  const families = [...new Set(plan.fields.map(({ family }) => family.toString()))];
  return doubtNewerCells(client, { table, families, from, signal });
}

/** Names the first one that is found. Deny by default: where the look takes too long, that is a doubt, too. */
export async function doubtNewerCells(
  client: Pick<HBaseClient, 'scan'>,
  request: NewerCellsRequest,
): Promise<readonly Text[]> {
  const { table, signal } = request;
  const tooLong = AbortSignal.timeout(lookMs);
  try {
    const found = await findNewer(client, { ...request, signal: AbortSignal.any([signal, tooLong]) });
    return found === null ? [] : [sayNewer(table, found)];
  } catch (error) {
    if (!tooLong.aborted || signal.aborted) throw error;
    return [
      {
        en: `${table}: whether it has cells newer than those of this run, which would hide them, was not to be found out in ${lookMs / 1000} s`,
        zh: `表 ${table} 中是否有比本次运行更新、会遮盖其单元格的单元格，在 ${lookMs / 1000} 秒内未能查明`,
      },
    ];
  }
}

async function findNewer(
  client: Pick<HBaseClient, 'scan'>,
  { table, families, from, signal }: NewerCellsRequest,
): Promise<Cell | null> {
  const scan = client.scan({
    table,
    range: wholeTable,
    families: families.map((family) => ({ family: Buffer.from(family) })),
    timeRange: { from: BigInt(from), to: latest },
    raw: true,
    limitRows: 1,
    readType: 'pread',
    signal,
  });
  for await (const { buffer, rowCount, rowStarts } of scan) {
    const [cell] = decodeCells(buffer, rowStarts[0] ?? 0, rowStarts[Math.min(rowCount, 1)] ?? 0);
    if (cell !== undefined) return cell;
  }
  return null;
}

function sayNewer(table: string, { row, family, timestamp, type }: Cell): Text {
  const date = new Date(Number(timestamp));
  const time = Number.isNaN(date.getTime()) ? `timestamp ${timestamp}` : date.toISOString();
  const what = type === 'put' ? { en: 'a cell', zh: '单元格' } : { en: 'a delete', zh: '删除标记' };
  const key = printKey(row);
  return {
    en: `${table} has cells newer than those of this run (row ${key} has ${what.en} in ${family.toString()} of ${time}): where they stand they hide what the run writes`,
    zh: `表 ${table} 有比本次运行更新的单元格（行 ${key} 的列族 ${family.toString()} 有 ${time} 的${what.zh}）：它们会遮盖本次运行写入的内容`,
  };
}
