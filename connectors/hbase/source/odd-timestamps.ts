// Cells whose timestamps no server gave them. Increments find what changed by the time that a region server stamped on it, and
// the lag waits for such stamps; a writer that stamps its cells itself (bulk load, Import, replication, seconds or microseconds)
// breaks both. A stamp of the past can look like any other. But what lies ahead of all clocks, or before HBase was, is surely of that
// kind, and cheap to find: servers leave out files whose times do not touch the range that is asked for.
import type { Clock } from '../../../src/core/clock.ts';
import { inParallel } from '../../../src/core/waiting/semaphore.ts';
import { counted, type Text } from '../../../src/core/text.ts';
import { inTime } from '../plan/in-time.ts';
import { printKey } from '../mapping/printable-key.ts';
import type { RangeScanner } from './full-read.ts';
import { CellBlockCursor, latestTimestamp } from '../client/wire/cell-block.ts';
import type { TimeRange } from '../client/messages/selection.ts';
import type { RegionLocation } from '../client/regions/region-location.ts';

/** Before HBase's first release no server of it wrote. */
const firstServerMs = Date.UTC(2008, 0, 1);
/** Cells may be written while the plan is made, by servers whose clocks are a little ahead. */
const slackMs = 60_000;
const regionsAtOnce = 8;
/** So many rows are counted; more say no more. */
const mostRows = 1_000;

export interface OddSearch {
  readonly client: RangeScanner;
  readonly table: string;
  readonly regions: readonly RegionLocation[];
  readonly clock: Clock;
  readonly lagMs: number;
  readonly limitMs: number;
  readonly retryBudgetMs: number;
  readonly signal: AbortSignal;
}

export interface OddTimestamps {
  /** Rows with cells ahead of the servers' clocks. */
  readonly ahead: OddRows;
  /** Rows with cells older than HBase. */
  readonly behind: OddRows;
  /** false: the time was up before all regions were looked through. */
  readonly complete: boolean;
}

interface OddRows {
  readonly rows: number;
  /** One of the cells, for people; '' = there is none. */
  readonly example: string;
}

export async function findOddTimestamps(search: OddSearch): Promise<OddTimestamps> {
  const { clock, lagMs, regions } = search;
  const aheadOf = BigInt(Math.ceil(clock.now() + slackMs + lagMs));
  const ahead: Counted = { range: { from: aheadOf, to: latestTimestamp }, rows: 0, example: '' };
  const behind: Counted = { range: { from: 0n, to: BigInt(firstServerMs) }, rows: 0, example: '' };
  const complete = await inTime(search, async (signal) => {
    await inParallel(regions, regionsAtOnce, async (region) => {
      for (const side of [ahead, behind]) await countRows({ ...search, signal }, region, side);
    });
    return true;
  });
  return { ahead, behind, complete: complete ?? false };
}

interface Counted {
  readonly range: TimeRange;
  rows: number;
  example: string;
}

async function countRows(
  { client, table, retryBudgetMs, signal }: OddSearch,
  { info }: RegionLocation,
  side: Counted,
): Promise<void> {
  const limitRows = mostRows - side.rows;
  if (limitRows <= 0) return;
  const scanner = client.scan({
    table,
    range: { start: info.startKey, stop: info.endKey },
    timeRange: side.range,
    filter: { kind: 'key-only' },
    readType: 'pread',
    limitRows,
    retryBudgetMs,
    signal,
  });
  for await (const { buffer, rowStarts, rowCount } of scanner) {
    if (side.example === '') side.example = describeCell(buffer, rowStarts[0] ?? 0, rowStarts[1] ?? 0);
    side.rows += rowCount;
  }
}

function describeCell(buffer: Uint8Array, start: number, end: number): string {
  const cell = new CellBlockCursor();
  cell.reset(buffer, start, end);
  if (!cell.next()) return '';
  const part = (from: number, length: number): string => printKey(buffer.subarray(from, from + length));
  const column = `${part(cell.familyStart, cell.familyLength)}:${part(cell.qualifierStart, cell.qualifierLength)}`;
  return `${part(cell.rowStart, cell.rowLength)}, ${column}, ${cell.timestampMs()}`;
}

/** For the report of every run by cell timestamp: what it rests on. */
export const restsOnServerTime: Text = {
  en: 'increments rest on cells that bear the region servers’ write times: a change that its writer stamped with a time of the past is found by full reads only',
  zh: '增量依据单元格所带的 region server 写入时间：写入方自定为过去时间戳的变更只有全量读取才能发现',
};

/** Why increments of this table are not proved. */
export function doubtIncrements({ ahead, behind, complete }: OddTimestamps): readonly Text[] {
  const found = [
    ...(ahead.rows > 0
      ? [describe(ahead, { en: 'ahead of the servers’ clocks', zh: '超前于服务器时钟' })]
      : []),
    ...(behind.rows > 0 ? [describe(behind, { en: 'before 2008', zh: '早于 2008 年' })] : []),
  ];
  if (found.length === 0) return complete ? [] : [notLookedThrough];
  const all = complete ? found : [...found, notAll];
  const doubt = {
    en: `cells with timestamps that no server gave them: ${all.map(({ en }) => en).join('; ')}. Increments go by the servers' write times and may miss what such a writer changes; run the job with mode full from time to time`,
    zh: `存在并非由服务器写入的单元格时间戳：${all.map(({ zh }) => zh).join('；')}。增量依据服务器写入时间，可能遗漏此类写入方的变更；请定期以 full 模式运行该作业`,
  };
  return [doubt];
}

/** Nothing was found, but not everything was looked at: it must not read as if there were some. */
const notLookedThrough: Text = {
  en: 'the table could not be looked through for cells with timestamps that no server gave them in the time for it. Increments go by the servers’ write times and may miss what such a writer changes; the next increment looks again',
  zh: '未能在限定时间内检查全表是否存在并非由服务器写入的单元格时间戳。增量依据服务器写入时间，可能遗漏此类写入方的变更；下一次增量会再次检查',
};

const notAll: Text = { en: 'not all of the table could be looked through in time', zh: '未能及时检查全表' };

function describe({ rows, example }: OddRows, where: Text): Text {
  const [en, zh] =
    rows >= mostRows
      ? [`${mostRows} rows or more`, `至少 ${mostRows} 行`]
      : [counted(rows, 'row'), `${rows} 行`];
  return { en: `${en} ${where.en} (such as ${example})`, zh: `${zh}${where.zh}（例如 ${example}）` };
}
