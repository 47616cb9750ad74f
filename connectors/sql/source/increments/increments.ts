// Which rows are new: the columns that say so, the window that a run reads, and its conditions in SQL.
//
//   time     [from, to): to = the server's clock, or where the oldest open transaction began, whichever is earlier, − lag. So rows of
//            one time are all on one side, and those that commit late have a time behind the window. The lag counts before a transaction's
//            beginning, too: MySQL's begins behind the time of its first statement, when that has its locks.
//   number   [from, to): to = behind the greatest number that is there. Smaller ones may commit later: reading waits until all
//            transactions that were open when it was looked for have ended, or, where that can't be asked, for the lag (settle.ts).
import type { PlanRequest } from '../../../../src/core/connector/contract.ts';
import { SyncError } from '../../../../src/core/errors.ts';
import type { Text } from '../../../../src/core/text.ts';
import { repeatsTimes, utc } from '../../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../../src/core/time/time-zone.ts';
import type { Window } from '../../../../src/core/window.ts';
import type { SqlSourceOwnConfig } from '../config.ts';
import type { FoundTable, OpenTransactions, SourceColumn, SourceSession, SqlWords } from '../dialect.ts';
import { boundingOnly, whereSql } from '../select.ts';
import { microsOf, numberOf, toleranceMicros } from './positions.ts';
import { findOtherZones } from './server-zone.ts';
import { daySeconds, floorTo, instantText, localText } from './time-text.ts';

/** What a run reads of the table, and what is said of it. */
export interface Increment {
  readonly window: Window;
  /** Reading may begin when what was open at this time (µs, the server's) has ended; null: at once. */
  readonly settledFrom: number | null;
  readonly notes: readonly Text[];
  readonly doubts: readonly Text[];
}

export interface Growing {
  readonly kind: 'number' | 'time';
  readonly columns: readonly SourceColumn[];
  /** Why its numbers may come in another order; null: nobody knows of that. */
  readonly disorder: Text | null;
}

type Config = Pick<SqlSourceOwnConfig, 'increments' | 'place' | 'name'>;

/** null: there are no increments. @throws SyncError BAD_INPUT naming the key */
export function findGrowing({ increments, name }: Config, found: FoundTable): Growing | null {
  const { mode, incrementing, timestamps, requireValues } = increments;
  if (mode === 'bulk') return null;
  const number = incrementing === '' ? [] : [findColumn(incrementing, found, 'incrementing.column.name')];
  const times = timestamps.map((each) => findColumn(each, found, 'timestamp.column.name'));
  const [counter] = number;
  if (counter !== undefined && counter.order !== 'number')
    throw refuse(
      'incrementing.column.name',
      `${name}: ${counter.name} is ${counter.declared}; only whole numbers grow`,
    );
  const other = times.find(({ order }) => order !== 'time');
  if (other !== undefined)
    throw refuse('timestamp.column.name', `${name}: ${other.name} is ${other.declared}, which is no time`);
  if (new Set(times.map(({ local }) => local)).size > 1)
    throw refuse(
      'timestamp.column.name',
      `${name}: of ${timestamps.join(', ')} some have a zone and some have not`,
    );
  refuseRepeating(increments.zone, times);
  const maybeNull =
    mode === 'timestamp' || mode === 'timestamp+incrementing' ? nullableOf(times) : nullableOf(number);
  if (maybeNull !== null && requireValues)
    throw refuse(
      'validate.non.null',
      `${name}: ${maybeNull} may be NULL, and rows where it is are seen by full runs only: make it NOT NULL, or write validate.non.null=false`,
    );
  if (mode !== 'incrementing') return { kind: 'time', columns: times, disorder: null };
  const disorder = counter === undefined ? null : (found.disordered?.get(counter.name) ?? null);
  return { kind: 'number', columns: number, disorder };
}

/** @throws SyncError BAD_INPUT when an increment would begin where the server's clock is not yet */
export async function planIncrement(
  session: SourceSession,
  config: Config,
  { growing, request }: { readonly growing: Growing | null; readonly request: PlanRequest },
): Promise<Increment> {
  const from = request.mode === 'full' ? null : request.base;
  if (growing === null)
    return { window: { from: null, to: null }, settledFrom: null, notes: [bulk], doubts: [] };
  const lagMicros = Math.max(request.lagMs, config.increments.delayMs) * 1000;
  return growing.kind === 'time'
    ? planTimes(session, config, { growing, from, base: request.base, lagMicros })
    : planNumbers(session, config, { growing, from, base: request.base });
}

interface Reach {
  readonly growing: Growing;
  readonly from: string | null;
  readonly base: string | null;
}

async function planTimes(
  session: SourceSession,
  config: Config,
  { growing, from, base, lagMicros }: Reach & { readonly lagMicros: number },
): Promise<Increment> {
  const clock = await session.now();
  const open = await session.openTransactions();
  const lagged = clock.micros - lagMicros;
  const oldest = oldestOf(open);
  const end = Math.max(0, Math.min(clock.micros, oldest) - lagMicros);
  const settled = floorTo(end, unitOf(growing), zoneOf(config, growing));
  const baseMicros = base === null ? null : microsOf(base);
  // A position is a time that the clock has shown: where it shows an earlier one, it was set back.
  const isBeyond = baseMicros !== null && baseMicros > clock.micros;
  if (isBeyond && from !== null && baseMicros > clock.micros + toleranceMicros)
    throw refuse(
      'watermark',
      `planning an increment: the job's position ${base ?? ''} lies beyond the server's clock, which shows ${instantText(clock.micros)}; set the position to when the last rows were surely read, or run the job with mode full`,
    );
  // A full run reads what such a clock stamped meanwhile, and goes on from where it is now.
  const goesBack = isBeyond && from === null;
  const to = baseMicros === null || goesBack ? settled : Math.max(baseMicros, settled);
  return {
    window: { from, to: instantText(to) },
    settledFrom: null,
    notes: [
      ...clock.notes,
      noteColumn(growing),
      ...(open.kind === 'known' && oldest < lagged ? [noteOldest(oldest)] : []),
      ...(open.kind === 'undated' ? [noteUndated(open.which)] : []),
      ...(open.kind === 'unknown' ? [open.reason] : []),
    ],
    doubts:
      from === null
        ? []
        : [
            ...(isBeyond ? [setBack(growing)] : []),
            ...(await findOtherZones(session, {
              zone: config.increments.zone,
              columns: growing.columns,
              now: clock.micros,
            })),
            ...(await findUnseen(session, config, { growing, now: clock.micros })),
          ],
  };
}

/**
 * One whose beginning nobody knows may be as old as time: the window does not move, and without a position it ends before all times. It
 * began behind the job's position all the same, for that was set while it was dated, or not there.
 */
function oldestOf(open: OpenTransactions): number {
  if (open.kind === 'undated') return 0;
  return open.kind === 'known' ? (open.oldest ?? Infinity) : Infinity;
}

/** Rows that no increment reads, or none for long: their time is still to come, or there is none. */
async function findUnseen(
  session: SourceSession,
  config: Config,
  { growing, now }: { readonly growing: Growing; readonly now: number },
): Promise<readonly Text[]> {
  const { words } = session;
  const expression = expressionOf(words, growing);
  const isThere = async (condition: string): Promise<boolean> =>
    (await session.read(`SELECT 1 FROM ${words.from(config.place)} WHERE ${condition} LIMIT 1`)).length > 0;
  const limit = literalOf(words, config, growing, instantText(now + toleranceMicros));
  const isAhead = await isThere(`${expression} > ${limit}`);
  const isUnset = nullableOf(growing.columns) !== null && (await isThere(`${expression} IS NULL`));
  return [...(isAhead ? [ahead(growing)] : []), ...(isUnset ? [unset(growing)] : [])];
}

async function planNumbers(
  session: SourceSession,
  { place }: Config,
  { growing, from: start, base }: Reach,
): Promise<Increment> {
  const { micros, notes } = await session.now();
  const open = await session.openTransactions();
  const { words } = session;
  const [column] = growing.columns;
  if (column === undefined) throw new TypeError('increments by a number without its column');
  const from = `${words.from(place)}${whereSql(boundingOnly(column, words))}`;
  const [row] = await session.read(`SELECT MAX(${words.quote(column.name)}) FROM ${from}`);
  const greatest = row?.[0] ?? null;
  const behind = greatest === null ? null : numberOf(greatest) + 1n;
  const isBelow = base !== null && start !== null && (behind === null || behind < numberOf(base));
  const to = behind === null || isBelow ? base : String(behind);
  return {
    window: { from: start, to },
    settledFrom: micros,
    notes: [...notes, noteColumn(growing), ...(open.kind === 'unknown' ? [open.reason, waits] : [])],
    doubts: [
      ...(isBelow ? [beganAnew(growing, { greatest, base })] : []),
      ...(start !== null && growing.disorder !== null ? [outOfOrder(growing, growing.disorder)] : []),
    ],
  };
}

/** Of a full read: none, but where rows without a key would come again with the next increment (`bounded`). */
export function windowConditions(
  words: SqlWords,
  config: Config,
  {
    growing,
    window,
    bounded,
  }: { readonly growing: Growing | null; readonly window: Window; readonly bounded: boolean },
): readonly string[] {
  if (growing === null) return [];
  const expression = expressionOf(words, growing);
  const { from, to } = window;
  const literal = (position: string): string => literalOf(words, config, growing, position);
  if (from === null)
    return bounded && to !== null ? [`(${expression} < ${literal(to)} OR ${expression} IS NULL)`] : [];
  return [`${expression} >= ${literal(from)}`, ...(to === null ? [] : [`${expression} < ${literal(to)}`])];
}

/** That the row lies before the window's end, so that this run or one before has sent it; null: a full run sends every row. */
export function sentCondition(
  words: SqlWords,
  config: Config,
  { growing, window: { from, to } }: { readonly growing: Growing | null; readonly window: Window },
): string | null {
  if (growing === null || from === null || to === null) return null;
  return `${expressionOf(words, growing)} < ${literalOf(words, config, growing, to)}`;
}

function literalOf(words: SqlWords, config: Config, growing: Growing, position: string): string {
  if (growing.kind === 'number') return words.literal(String(numberOf(position)), 'number');
  // A position set by hand may lie within what the column tells apart: that is read whole.
  const micros = floorTo(microsOf(position), unitOf(growing), zoneOf(config, growing));
  return isLocal(growing)
    ? words.literal(localText(micros, config.increments.zone), 'time')
    : words.instant(micros);
}

function isLocal({ columns }: Growing): boolean {
  return columns.some(({ local }) => local);
}

function zoneOf({ increments }: Config, growing: Growing): Zone {
  return isLocal(growing) ? increments.zone : utc;
}

function expressionOf(words: SqlWords, { columns }: Growing): string {
  const names = columns.map(({ name, order }) => words.ordered(words.quote(name), order));
  return names.length === 1 ? (names[0] ?? '') : `COALESCE(${names.join(', ')})`;
}

/** The coarsest of what the columns can tell apart, µs. */
function unitOf({ columns }: Growing): number {
  const units = columns.map(({ type }) => {
    if (typeof type === 'string' || type.kind === 'date') return daySeconds * 1e6;
    return type.kind === 'timestamp' ? 10 ** (6 - type.precision) : 1;
  });
  return Math.max(1, ...units);
}

function findColumn(wanted: string, { columns }: FoundTable, key: string): SourceColumn {
  const found =
    columns.find(({ name }) => name === wanted) ??
    columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  throw refuse(key, `there is no column ${wanted}; there are ${columns.map(({ name }) => name).join(', ')}`);
}

/** Of several, one that is never NULL is enough. */
function nullableOf(columns: readonly SourceColumn[]): string | null {
  return columns.every(({ nullable }) => nullable) ? columns.map(({ name }) => name).join(', ') : null;
}

function refuseRepeating(
  zone: SqlSourceOwnConfig['increments']['zone'],
  times: readonly SourceColumn[],
): void {
  const local = times.find((column) => column.local);
  if (local !== undefined && repeatsTimes(zone))
    throw refuse(
      'db.timezone',
      `${local.name} is local time of ${zone.name}, which comes twice when clocks are put back, so later rows could have earlier times; use a column with a zone, or one that holds UTC`,
    );
}

function refuse(field: string, message: string): SyncError {
  return new SyncError('BAD_INPUT', { message, field });
}

function namesOf({ columns }: Growing): string {
  return columns.map(({ name }) => name).join(', ');
}

const bulk: Text = {
  en: 'mode bulk: every run reads everything',
  zh: 'mode 为 bulk：每次运行读取全部',
};

function noteColumn(growing: Growing): Text {
  const names = namesOf(growing);
  return growing.kind === 'time'
    ? {
        en: `increments by the time in ${names}: changes that leave it as it is, or set one of long ago, are seen by full runs only`,
        zh: `按 ${names} 中的时间增量：未更新该列或写入很早时间的修改，只在全量运行时可见`,
      }
    : {
        en: `increments by the number in ${names}: new rows only; changes of rows that are there, and numbers that are given out in another order, are seen by full runs only`,
        zh: `按 ${names} 中的数值增量：只含新行；已有行的修改以及不按顺序分配的数值，只在全量运行时可见`,
      };
}

const waits: Text = {
  en: 'reading waits for the lag, so that smaller numbers that are on their way are committed',
  zh: '读取前等待延迟（lag）时长，使在途的较小编号得以提交',
};

function noteOldest(oldest: number): Text {
  const since = instantText(oldest);
  return {
    en: `the window ends the lag before the oldest open transaction began, at ${since}: what it writes is read when it has ended`,
    zh: `窗口结束于最早未提交事务的开始时间 ${since} 减去延迟（lag）：其写入在它结束之后读取`,
  };
}

function noteUndated(which: Text): Text {
  return {
    en: `the window stays where it was: ${which.en}, and nobody can tell since when it is open; what others write, too, is read when it has ended`,
    zh: `窗口停在原处：${which.zh}，且无法得知其开始时间；其他事务的写入也在它结束之后才读取`,
  };
}

/** Without the two times, which each run would tell anew. */
function setBack(growing: Growing): Text {
  const names = namesOf(growing);
  return {
    en: `the server's clock shows a time before the job's position: it was set back, or the position was set ahead of it by hand; rows whose ${names} is stamped meanwhile lie before the position and are seen by full runs only: run the job with mode full`,
    zh: `服务器时钟早于作业的位置：时钟被回拨，或位置被手动设为超前于时钟；其间写入 ${names} 的行位于该位置之前，只在全量运行时可见：请以 full 模式运行该作业`,
  };
}

function ahead(growing: Growing): Text {
  const names = namesOf(growing);
  return {
    en: `rows have a time in ${names} that lies beyond the server's clock: increments read them when that time has come, a full run at once`,
    zh: `有行的 ${names} 时间超前于服务器时钟：增量运行要到该时间之后才会读取，全量运行立即读取`,
  };
}

function unset(growing: Growing): Text {
  const names = namesOf(growing);
  return {
    en: `rows have no time in ${names}: they are seen by full runs only`,
    zh: `有行的 ${names} 为空：只在全量运行时可见`,
  };
}

function outOfOrder(growing: Growing, why: Text): Text {
  const names = namesOf(growing);
  return {
    en: `numbers of ${names} do not come in order (${why.en}): rows with smaller ones that come later are seen by full runs only`,
    zh: `${names} 的编号不按顺序出现（${why.zh}）：之后才出现的较小编号的行只在全量运行时可见`,
  };
}

function beganAnew(
  growing: Growing,
  { greatest, base }: { readonly greatest: string | null; readonly base: string | null },
): Text {
  const [names, last] = [namesOf(growing), greatest ?? '–'];
  return {
    en: `the greatest ${names} is ${last}, below the job's position ${base ?? ''}: rows at the end were deleted, or numbers began anew; only a full run tells`,
    zh: `${names} 的最大值为 ${last}，低于作业的位置 ${base ?? ''}：末尾的行被删除，或编号已重新开始；只有全量运行才能判断`,
  };
}
