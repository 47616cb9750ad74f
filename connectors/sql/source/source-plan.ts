// Planning a read: what the table has, how far the window goes, which ranges are read.
import { createHash } from 'node:crypto';
import type { Clock } from '../../../src/core/clock.ts';
import type { PlanRequest, SourcePlan } from '../../../src/core/connector/contract.ts';
import type { Predicted } from '../../../src/core/status.ts';
import type { Text } from '../../../src/core/text.ts';
import type { SqlSourceConfig } from './config.ts';
import type { FoundTable, SourceSession } from './dialect.ts';
import { canCut, comparedColumns } from './claim-keys.ts';
import { findGrowing, planIncrement, windowConditions } from './increments/increments.ts';
import { writeShared, writeSplit } from './plan-text.ts';
import { chooseColumns } from './row-columns.ts';
import type { RowColumns } from './row-columns.ts';
import { whereSql } from './select.ts';
import { cutTable } from './splits.ts';
import { describeOrThrow } from './views.ts';

export interface Planning {
  readonly session: SourceSession;
  readonly config: SqlSourceConfig;
  readonly clock: Clock;
}

/** Of the time in which a plan must say something. */
const cutMs = 20_000;
const leastSplitRows = 20_000;
/** Up to so many rows are counted, not guessed. */
const countedRows = 200_000;

/** @throws SyncError SOURCE_*, BAD_INPUT */
export async function planSource(planning: Planning, request: PlanRequest): Promise<SourcePlan> {
  const { session, config, clock } = planning;
  const found = await describeOrThrow(session, config);
  const rows = chooseColumns(config, found);
  const growing = findGrowing(config, found);
  const increment = await planIncrement(session, config, { growing, request });
  const { window, settledFrom } = increment;
  const bounded = rows.schema.key.length === 0;
  const where = windowConditions(session.words, config, { growing, window, bounded });
  const compared = comparedColumns(config, rows);
  const predicted = await predict(planning, found, where);
  const ranges = await cutTable({
    ...{ session, clock, bounds: canCut(rows, compared) ? rows.bounds : [], place: config.place },
    rows: predicted.rows ?? 0,
    concurrency: config.connections,
    leastRows: leastSplitRows,
    limitMs: cutMs,
  });
  const shared = {
    version: versionOf(found, rows),
    bounds: rows.bounds.map(({ name }) => name),
    key: rows.schema.key,
    bounded,
    settledFrom,
    lagMs: Math.max(request.lagMs, config.increments.delayMs),
  };
  return {
    window,
    ...(compared === null ? {} : { follows: 'keys' as const }),
    ...(found.version !== null && { sourceMark: markOf(found.version) }),
    schema: rows.schema,
    predicted,
    shared: writeShared(shared),
    splits: ranges.map(writeSplit),
    notes: [
      ...config.server.notes,
      ...found.notes,
      ...increment.notes,
      ...noteKey(config, rows),
      compared === null ? deletesIgnored : deletesCompared,
    ],
    doubts: [...found.doubts, ...increment.doubts],
  };
}

/** What must be the same when the plan is read. */
export function versionOf({ version }: FoundTable, { columns }: RowColumns): string {
  return JSON.stringify([version, columns.map(({ name, declared }) => [name, declared])]);
}

function markOf(version: string): string {
  return createHash('sha256').update(version).digest('base64url');
}

/** The server's guess; of small tables, which it often guesses badly, the count. */
async function predict(
  { session, config }: Planning,
  found: FoundTable,
  where: readonly string[],
): Promise<Predicted> {
  const from = `${session.words.from(config.place)}${whereSql(where)}`;
  const known = where.length === 0 ? found.estimatedRows : null;
  const guess = known ?? (await session.estimate(`SELECT * FROM ${from}`));
  if (guess === null || guess > countedRows || found.kind === 'query') return { rows: guess, exact: false };
  const [row] = await session.read(`SELECT COUNT(*) FROM ${from}`);
  return { rows: Number(row?.[0] ?? 0), exact: where.length === 0 };
}

const deletesCompared: Text = {
  en: 'deletes followed by comparing the keys of source and target',
  zh: '通过比对源与目标的键同步删除',
};

const deletesIgnored: Text = {
  en: 'deletes not followed: rows deleted in the source stay in the target',
  zh: '不跟随删除：源中已删除的行仍留在目标中',
};

function noteKey({ name }: SqlSourceConfig, { schema }: RowColumns): readonly Text[] {
  if (schema.key.length > 0) return [];
  return [
    {
      en: `${name} has no key that is read: rows can only be inserted (pk.mode=none), and stand twice after an interruption; name columns that tell them apart in sql.key.columns`,
      zh: `${name} 没有可读取的主键：行只能插入（pk.mode=none），中断后会重复；请在 sql.key.columns 中指定能区分各行的列`,
    },
  ];
}
