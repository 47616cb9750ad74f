// Planning a read: what the table has, what the mapping's names mean in it, how far the window goes, which ranges are read.
import type { PlanRequest, SourcePlan } from '../../../src/core/connector/contract.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { Text } from '../../../src/core/text.ts';
import type { SharedSlots } from '../../../src/core/connector/shared-slots.ts';
import type { Window } from '../../../src/core/window.ts';
import type { SourceColumn } from '../mapping/column-name.ts';
import { isNarrow } from '../source/cell-selection.ts';
import { KnownClocks, readSourceClock } from '../source/clock-check.ts';
import { resolveColumns } from '../mapping/column-resolution.ts';
import type { ResolvedColumns } from '../mapping/column-resolution.ts';
import type { HBaseSourceConfig } from '../source/source-config.ts';
import { printName } from '../mapping/column-name.ts';
import { columnWindow, fullRead, noteColumnWindow, requireColumn } from '../source/column-window.ts';
import { checkDeletePolicy, deleteWay, isClaimBound } from '../source/deleted-rows.ts';
import { cutRegions } from './cut-regions.ts';
import { earlierCuts } from './earlier-cuts.ts';
import { planDeletes } from '../source/followed-deletes.ts';
import { chooseWays } from '../source/increment-way.ts';
import type { IncrementWay } from '../source/increments.ts';
import { findMerging } from '../mapping/key-merging.ts';
import { doubtIncrements, findOddTimestamps, restsOnServerTime } from '../source/odd-timestamps.ts';
import type { OddTimestamps } from '../source/odd-timestamps.ts';
import { readShared, writeShared, writeSplit } from './plan-text.ts';
import { withinPlan } from './plan-time.ts';
import type { PlanTime } from './plan-time.ts';
import { timeWindow } from '../source/time-window.ts';
import { predictRows } from './predicted-rows.ts';
import type { Prediction } from './predicted-rows.ts';
import { clipRegions } from './row-range.ts';
import type { CallOptions } from '../client/call-context.ts';
import type { HBaseClient } from '../client/client.ts';
import type { RegionLoad } from '../client/messages/admin.ts';
import type { WrittenState } from '../client/regions/meta-table.ts';
import type { RegionLocation } from '../client/regions/region-location.ts';
import { findSettledValue } from '../source/settled-value.ts';
import { timeOf } from '../source/positions.ts';
import { planPieces, planRanges } from './splits.ts';
import type { RangePlan, RegionPieces } from './splits.ts';
import { sampleTable } from './table-sample.ts';
import type { TableSample } from './table-sample.ts';
import { refuseTypos } from './typo-check.ts';

/** What a step may take of the plan's time (plan-time.ts). */
const callMs = 30_000;
const sampleMs = 15_000;
const typosMs = 5_000;
const cutsMs = 10_000;
const countMs = 30_000;
const settledMs = 20_000;
const timestampsMs = 15_000;
/** A cluster that does not answer at all is not waited for that long. */
const firstAnswerMs = 10_000;
const megabyte = 1024 * 1024;

export interface PlanContext {
  readonly client: HBaseClient;
  readonly config: HBaseSourceConfig;
  readonly slots: SharedSlots;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface TimedContext extends PlanContext {
  readonly time: PlanTime;
}

/** @throws SyncError HBASE_*, SOURCE_UNREACHABLE, SOURCE_SCHEMA, MAPPING_INVALID, CLOCK_SKEW */
export function planSource(context: PlanContext, request: PlanRequest): Promise<SourcePlan> {
  const { clock, signal, config } = context;
  return withinPlan({ clock, signal, table: config.table }, (time) =>
    planInTime({ ...context, signal: time.signal, time }, request),
  );
}

async function planInTime(context: TimedContext, request: PlanRequest): Promise<SourcePlan> {
  const { client, config, clock, signal, time } = context;
  const calls = (): CallOptions => ({ retryBudgetMs: time.limit(Math.min(callMs, config.retryMs)), signal });
  // Fresh reports of the servers' clocks are waited for while other things are asked.
  const clocks = readClock(context, request);
  clocks.catch(ignore);
  time.step('reading the descriptor');
  const families = await readFamilies(context);
  // Before any row is looked at: what is made anew behind this differs from it in the next plan.
  time.step('reading the state of the table');
  const state = await client.admin.tableState(config.table, calls());
  time.step('reading the regions');
  const regions = clipRegions(await client.regions(config.table, calls()), config.rows);
  time.step('sampling rows');
  const limits = { retryBudgetMs: callMs, signal, clock };
  const sampling = { ...limits, limitMs: time.limit(sampleMs), regions };
  const sample = await sampleTable(client, config.table, sampling);
  const earlier = earlierMeanings(config, request);
  const { mapping, table } = config;
  const resolved = resolveColumns({ mapping, table, families, sample, earlier });
  const merging = findMerging(config.mapping.fields, resolved.columns);
  checkDeletePolicy(config.deletes, { fields: config.mapping.fields, columns: resolved.columns, merging });
  const typos = { client, table: config.table, ...limits, limitMs: time.limit(typosMs) };
  await refuseTypos(typos, resolved.suspects);
  time.step('reading sizes');
  const loads = await client.regionLoads(config.table, calls());
  const sizes = sizesOf(regions, loads);
  const pieces = planPieces({ sample, sizes, concurrency: config.scanners });
  time.step('cutting regions');
  const cuts = earlierCuts(request, pieces) ?? (await findCuts(context, pieces, loads));
  const isBound = (key: Buffer): boolean => isClaimBound(config.mapping.fields, key);
  const ranges = planRanges(pieces, cuts, config.deletes === 'reconcile' ? isBound : undefined);
  const { estimatedRows } = ranges;
  time.step('comparing clocks');
  const now = await clocks;
  time.step('looking for the end of the window');
  const found = { now, regions, columns: resolved.columns, sample, loads, estimatedRows };
  const reach = await planReach(context, request, found);
  time.step('looking for timestamps that no server gave');
  const { lagMs } = request;
  const odd = await findOddTimestamps({
    ...limits,
    client,
    table,
    regions,
    lagMs,
    limitMs: time.limit(timestampsMs),
  });
  time.step('counting rows');
  const prediction = await predict(context, { window: reach.window, ranges, sample, sizes });
  const read = { families, state, resolved, ranges, sample, merging, prediction, odd };
  return makePlan(context, { ...reach, ...read, request });
}

function ignore(): void {
  // Looked at in its turn.
}

/** What an increment finds is as dear to count as to read. */
async function predict(
  context: TimedContext,
  found: {
    readonly window: Window;
    readonly ranges: RangePlan;
    readonly sample: TableSample;
    readonly sizes: ReadonlyMap<string, number>;
  },
): Promise<Prediction> {
  const { window, ranges, sample, sizes } = found;
  if (window.from !== null) return { predicted: { rows: null, exact: false }, notes: [] };
  // How many rows of a region lie in a range is not known.
  const isPart = context.config.rows.text !== '' && !sample.regions.every(({ whole }) => whole);
  const isKnown = !isPart && (sample.rows > 0 || sample.complete);
  const bytes = sample.regions.reduce(
    (sum, { region }) => sum + (sizes.get(region.name.toString('hex')) ?? 0),
    0,
  );
  const limited = { ...context, limitMs: context.time.limit(countMs) };
  return predictRows(limited, { estimate: isKnown ? ranges.estimatedRows : null, bytes });
}

/** How far the run goes, and how the report says it. */
interface Reach {
  readonly window: Window;
  readonly paths: readonly Text[];
  readonly wayOf: (region: string) => IncrementWay;
}

async function planReach(
  { client, config, clock, time, signal }: TimedContext,
  request: PlanRequest,
  found: {
    readonly now: number;
    readonly regions: readonly RegionLocation[];
    readonly columns: ResolvedColumns['columns'];
    readonly sample: TableSample;
    readonly loads: readonly RegionLoad[];
    readonly estimatedRows: number;
  },
): Promise<Reach> {
  const { growing, table, scanners } = config;
  const { now, regions } = found;
  const from = request.mode === 'full' ? null : request.base;
  if (growing === null) {
    const { wayOf, note } =
      from === null ? { wayOf: byKeys, note: fullRead } : chooseWays({ ...found, from: timeOf(from) });
    return { window: timeWindow(request, now), paths: [note, restsOnServerTime], wayOf };
  }
  const column = requireColumn(growing, found.columns[growing.index] ?? null);
  const limitMs = time.limit(settledMs);
  const settledBefore = now - request.lagMs;
  const search = { client, table, regions, growing, column, settledBefore, clock, limitMs, signal };
  const start = from === null ? null : growing.positionOf(from);
  const settled = await findSettledValue({ ...search, from: start, concurrency: scanners });
  const window = columnWindow(growing, request, settled);
  const paths = noteColumnWindow(growing, window, settled.whole);
  return { window, paths, wayOf: byKeys };
}

const byKeys = (): IncrementWay => 'keys';

export async function readFamilies({
  client,
  config,
  signal,
}: Pick<PlanContext, 'client' | 'config' | 'signal'>): Promise<readonly string[]> {
  const retryBudgetMs = Math.min(firstAnswerMs, config.retryMs);
  const schema = await client.admin.describeTable(config.table, { retryBudgetMs, signal });
  if (schema === undefined)
    throw new SyncError('SOURCE_SCHEMA', {
      message: `reading the descriptor of ${config.table}: there is no such table`,
    });
  return schema.families.map((family) => printName(family.name));
}

/** Of all clusters that tasks of this lane read; servers are told apart by address and start. */
const knownClocks = new KnownClocks();

function readClock({ client, clock, time, signal }: TimedContext, { lagMs }: PlanRequest): Promise<number> {
  const readServers = async () =>
    (await client.admin.clusterStatus({ retryBudgetMs: time.limit(callMs), signal })).liveServers;
  return readSourceClock({ readServers, clock, lagMs, known: knownClocks, signal });
}

/** Bytes by region name in hex; of a region that several ranges of rows meet, the part of each. */
function sizesOf(
  regions: readonly RegionLocation[],
  loads: readonly RegionLoad[],
): ReadonlyMap<string, number> {
  const parts = new Map<string, number>();
  for (const { name } of regions) parts.set(name.toString('hex'), (parts.get(name.toString('hex')) ?? 0) + 1);
  return new Map(
    loads.map((load) => {
      const name = load.regionName.toString('hex');
      const bytes = (load.uncompressedMegabytes + load.memstoreMegabytes) * megabyte;
      return [name, bytes / (parts.get(name) ?? 1)];
    }),
  );
}

async function findCuts(
  { client, config, clock, time, signal }: TimedContext,
  regions: readonly RegionPieces[],
  loads: readonly RegionLoad[],
): Promise<ReadonlyMap<string, readonly Buffer[]>> {
  const inFiles = new Set(
    loads.filter((load) => load.storefileMegabytes > 0).map((load) => load.regionName.toString('hex')),
  );
  const wanted = regions
    .filter(({ pieces }) => pieces > 1)
    .map(({ sample: { region }, pieces, rows }) => {
      return { region, pieces, rows, hasFiles: inFiles.has(region.name.toString('hex')) };
    });
  const limits = { retryBudgetMs: callMs, limitMs: time.limit(cutsMs) };
  return cutRegions({ client, table: config.table, clock, signal, ...limits }, wanted);
}

/** What the names meant in the job's last plan, unless its table was empty, or another one. */
function earlierMeanings(
  { table }: HBaseSourceConfig,
  { previous }: PlanRequest,
): ReadonlyMap<string, SourceColumn | null> {
  if (previous === undefined) return new Map();
  const { table: earlier, sources, columns, guessed } = readShared(previous.shared);
  if (guessed || earlier !== table) return new Map();
  return new Map(sources.map((source, index) => [source, columns[index] ?? null]));
}

function makePlan(
  { config }: PlanContext,
  found: Reach & {
    readonly families: readonly string[];
    readonly state: WrittenState | undefined;
    readonly resolved: ResolvedColumns;
    readonly ranges: RangePlan;
    readonly sample: TableSample;
    readonly merging: RowSchema['merging'];
    readonly prediction: Prediction;
    readonly odd: OddTimestamps;
    readonly request: PlanRequest;
  },
): SourcePlan {
  const { window, paths, wayOf, families, state, resolved, ranges, sample, merging, odd, request } = found;
  const deletes = planDeletes(config, request, window);
  const { predicted, notes } = found.prediction;
  const { columns, guessed, unseen } = resolved;
  const sources = config.mapping.fields.map((field) => field.source);
  const narrow = isNarrow(config.mapping.fields, columns, sample);
  const shared = writeShared({
    table: config.table,
    sources,
    columns,
    families,
    guessed,
    narrow,
    ahead: odd.ahead.rows > 0 || !odd.complete,
    earlierDeletes: deletes.earlier,
    removesRefused: deletes.removesRefused,
    unseen,
  });
  // Of rows sent in part, changes of the other part would go unseen in a scan of everything.
  const splits = ranges.ranges.map(({ region, start, stop }) =>
    writeSplit({ range: { start, stop }, way: narrow ? 'keys' : wayOf(region) }),
  );
  const { text: range } = config.rows;
  const way = deleteWay(config);
  // A full read takes rows as they are; only what it leaves to increments is in doubt.
  const doubts = doubtIncrements(odd);
  const isFull = window.from === null;
  return {
    window,
    schema: { ...config.mapping.schema, ...(merging && { merging }), ...(way && { deletes: way }) },
    predicted,
    shared,
    splits,
    ...deletes.follows,
    ...(state && { sourceMark: String(state.writtenAt) }),
    doubts: isFull ? [] : doubts,
    notes: [
      ...paths,
      ...(range === '' ? [] : [{ en: `rows ${range} only`, zh: `仅同步行键范围 ${range}` }]),
      deletes.note,
      ...(narrow ? [onlyMapped] : []),
      ...resolved.notes,
      ...notes,
      ...(sample.rows === 0 && sample.complete ? [noRows] : []),
      ...(isFull ? doubts : []),
    ],
  };
}

const noRows: Text = {
  en: 'there were no rows when the run was planned',
  zh: '制定读取计划时表中没有行',
};
const onlyMapped: Text = {
  en: 'rows are much wider than the mapping: only mapped columns are sent',
  zh: '行远宽于映射：只发送已映射的列',
};
