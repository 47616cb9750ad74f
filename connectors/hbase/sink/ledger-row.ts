// The ledger of one target table: ONE row of the ledger table, whose key is the target's name. Everything that is decided (who holds the
// job, positions, splits, completion, the watermark) is decided by an atomic compare-and-set of this row on its version. Any part of it may
// be read by itself: what was read of one version is true together.
//
//   family l:  v version · c clock · job · r/… runs · p/… positions · s/… splits · k/… claims · d/… numbers of dirty rows
//   family d:  dirty rows, in rows of their own (dirty-rows.ts); those that `d/…` counts are there, others are nobody's
//
// Cells of family l carry the version as their timestamp, so that a later change always stands above an earlier one.
import { systemClock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { DocumentRun, LedgerDocument } from '../../../src/core/ledger/document.ts';
import type { LedgerPartition, LedgerSplit } from '../../../src/core/ledger/ledger.ts';
import { writesLate } from './write-durability.ts';
import type { Cell } from '../client/wire/cell-block.ts';
import { CellBlockCursor } from '../client/wire/cell-block.ts';
import type { HBaseClient } from '../client/client.ts';
import type { Mutation } from '../client/messages/mutation.ts';

export interface HBaseLedger extends LedgerDocument {
  /** The newest timestamp handed out for cells of the target, ms; it only grows, also when the job goes. */
  clock: number;
  /** Place (epoch/topic/partition) → first timestamp of the newest unit that was begun there. */
  claims: Record<string, number>;
  /** epoch/split → number of its dirty rows. */
  dirtyRows: Record<string, number>;
}

/** The ledger, or a part of it. */
export interface LedgerState {
  readonly version: number;
  readonly cells: ReadonlyMap<string, string>;
  /** Not to be changed: `commit` a copy. */
  readonly ledger: HBaseLedger;
}

export interface LedgerRow {
  load(): Promise<LedgerState>;
  /** What does not grow with runs and splits. */
  readHead(): Promise<Pick<HBaseLedger, 'job' | 'clock'>>;
  /** Those of the named cells that are there; version and clock always. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Makes `ledger`, a changed copy of what was read, of that part; the rest of the row stays. Nothing is written where nothing is
   * changed. null: somebody else changed the row since `from`.
   */
  commit(from: LedgerState, ledger: HBaseLedger): Promise<LedgerState | null>;
}

const live = Buffer.from('l');
const always = ['v', 'c'];

/** Names of the ledger's cells. */
export const cellOf = {
  job: 'job',
  run: (epoch: number) => `r/${epoch}`,
  partition: (epoch: number, topic: string, partition: number) => `p/${epoch}/${topic}/${partition}`,
  split: (epoch: number, split: number) => `s/${epoch}/${pad(split)}`,
  claim: (place: string) => `k/${place}`,
  dirty: (place: string) => `d/${place}`,
} as const;

/** Where a target's ledger is. */
export interface LedgerPlace {
  readonly ledgerTable: string;
  /** The target table: the row's key. */
  readonly target: string;
  readonly signal?: AbortSignal;
}

export function openLedgerRow(client: HBaseClient, place: LedgerPlace): LedgerRow {
  const { ledgerTable, target } = place;
  const row = Buffer.from(target);
  const options = place.signal === undefined ? {} : { signal: place.signal };
  /** No names: all cells. */
  const readNamed = async (names: readonly string[]): Promise<Map<string, string>> => {
    const qualifiers = names.map((name) => Buffer.from(name));
    const get = { row, families: [{ family: live, qualifiers }] };
    const found = await client.getRows(ledgerTable, [get], options);
    const cells = new Map<string, string>();
    for (const { buffer, start, end } of found.rows)
      for (const [name, value] of readCells(buffer, start, end)) cells.set(name, value);
    found.release();
    return cells;
  };
  const read: LedgerRow['read'] = (names) => readNamed([...new Set([...always, ...names])]);
  return {
    load: async () => stateOf(await readNamed([])),
    readHead: async () => stateOf(await read([cellOf.job])).ledger,
    read,
    commit: async (from, ledger) => {
      const version = from.version + 1;
      const cells = toCells(ledger, version);
      if (isSame(cells, toCells(from.ledger, version))) return from;
      const next = stateOf(cells);
      const mutations = changesBetween(row, from.cells, next);
      const value = Buffer.from(from.cells.get('v') ?? '');
      const condition = { row, family: live, qualifier: Buffer.from('v'), value };
      return (await client.checkAndMutate(ledgerTable, { condition, mutations }, options)) ? next : null;
    },
  };
}

/** false: it is not there. Throws TARGET_SCHEMA when it is no ledger table, or none that keeps what it is given. */
export async function findLedgerTable(
  client: HBaseClient,
  ledgerTable: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const found = await client.admin.describeTable(ledgerTable, signal === undefined ? {} : { signal });
  if (found === undefined) return false;
  const families = found.families.map(({ name }) => name.toString());
  const durability = found.attributes.get('DURABILITY') ?? '';
  if (writesLate(durability))
    throw new SyncError('TARGET_SCHEMA', {
      message: `opening the ledger: ${ledgerTable} has DURABILITY ${durability}, so what it holds can be lost; alter it to USE_DEFAULT, or name another table`,
      field: 'hbase.ledger.table',
    });
  if (families.includes('l') && families.includes('d')) return true;
  throw new SyncError('TARGET_SCHEMA', {
    message: `opening the ledger: ${ledgerTable} is not a ledger table of Syncline (families ${families.join(', ')})`,
    field: 'hbase.ledger.table',
  });
}

/** Makes the ledger table if it is not there. Throws TARGET_DENIED when that is not allowed. */
export async function ensureLedgerTable(client: HBaseClient, ledgerTable: string): Promise<void> {
  if (await findLedgerTable(client, ledgerTable)) return;
  const attributes = { VERSIONS: '1' };
  try {
    await client.admin.createTable({ table: ledgerTable, families: { l: attributes, d: attributes } });
  } catch (error) {
    // Two that begin at once.
    if (!(error instanceof Error) || !error.message.includes('TableExistsException')) throw error;
  }
}

/** The first that the next unit may give its cells, ms. */
export function nextTimestamp({ clock }: Pick<HBaseLedger, 'clock'>): number {
  return Math.max(clock + 1, systemClock.now());
}

type RunHead = Omit<DocumentRun, 'partitions' | 'splits' | 'dirty'>;

export function toCells(ledger: HBaseLedger, version: number): Map<string, string> {
  const cells = new Map<string, string>([
    ['v', String(version)],
    ['c', String(ledger.clock)],
  ]);
  if (ledger.job === null) return cells;
  cells.set(cellOf.job, JSON.stringify(ledger.job));
  for (const run of ledger.runs) {
    const { epoch, partitions, splits } = run;
    cells.set(cellOf.run(epoch), JSON.stringify(headOf(run)));
    for (const each of partitions)
      cells.set(cellOf.partition(epoch, each.topic, each.partition), JSON.stringify(each));
    for (const each of splits) cells.set(cellOf.split(epoch, each.split), JSON.stringify(each));
  }
  const [last, before] = [ledger.runs.at(-1)?.epoch, ledger.runs.at(-2)?.epoch];
  for (const [place, at] of Object.entries(ledger.claims))
    if (epochOf(place) === last) cells.set(cellOf.claim(place), String(at));
  for (const [place, rows] of Object.entries(ledger.dirtyRows))
    if (epochOf(place) === last || epochOf(place) === before) cells.set(cellOf.dirty(place), String(rows));
  return cells;
}

function headOf({ epoch, taskId, state, base, plan, skipped, ended, doubts, sums }: DocumentRun): RunHead {
  return { epoch, taskId, state, base, plan, skipped, ended, doubts, sums };
}

export function stateOf(cells: ReadonlyMap<string, string>): LedgerState {
  const job = cells.get(cellOf.job);
  const runs = [...cells].flatMap(([name, value]): DocumentRun[] =>
    name.startsWith('r/')
      ? [{ ...(JSON.parse(value) as RunHead), partitions: [], splits: [], dirty: [] }]
      : [],
  );
  runs.sort((a, b) => a.epoch - b.epoch);
  const byEpoch = new Map(runs.map((run) => [run.epoch, run]));
  const ledger: HBaseLedger = {
    job: job === undefined ? null : (JSON.parse(job) as HBaseLedger['job']),
    runs,
    clock: Number(cells.get('c') ?? 0),
    claims: {},
    dirtyRows: {},
  };
  for (const [name, value] of cells) {
    const place = name.slice(2);
    const run = byEpoch.get(epochOf(place));
    if (name.startsWith('p/')) run?.partitions.push(JSON.parse(value) as LedgerPartition);
    else if (name.startsWith('s/')) run?.splits.push(JSON.parse(value) as LedgerSplit);
    else if (name.startsWith('k/')) ledger.claims[place] = Number(value);
    else if (name.startsWith('d/')) ledger.dirtyRows[place] = Number(value);
  }
  for (const run of runs) run.partitions.sort(byPlace);
  return { version: Number(cells.get('v') ?? 0), cells, ledger };
}

function byPlace(a: LedgerPartition, b: LedgerPartition): number {
  return a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;
}

function epochOf(place: string): number {
  return Number(place.slice(0, place.indexOf('/')));
}

export function pad(value: number): string {
  return String(value).padStart(10, '0');
}

function isSame(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean {
  return before.size === after.size && [...after].every(([name, value]) => before.get(name) === value);
}

/** What is new or different is put, what is gone is deleted. */
function changesBetween(row: Buffer, before: ReadonlyMap<string, string>, next: LedgerState): Mutation[] {
  const cell = (name: string, type: Cell['type'], value: string): Cell => ({
    row,
    family: live,
    qualifier: Buffer.from(name),
    timestamp: BigInt(next.version),
    type,
    value: Buffer.from(value),
  });
  const puts = [...next.cells].flatMap(([name, value]) =>
    before.get(name) === value ? [] : [cell(name, 'put', value)],
  );
  const gone = [...before.keys()].filter((name) => !next.cells.has(name));
  const put: Mutation = { kind: 'put', row, cells: puts };
  if (gone.length === 0) return [put];
  return [put, { kind: 'delete', row, cells: gone.map((name) => cell(name, 'deleteColumn', '')) }];
}

export function readCells(buffer: Buffer, start: number, end: number): (readonly [string, string])[] {
  const cursor = new CellBlockCursor();
  cursor.reset(buffer, start, end);
  const cells: (readonly [string, string])[] = [];
  while (cursor.next()) {
    const { qualifierStart, qualifierLength, valueStart, valueLength } = cursor;
    cells.push([
      buffer.toString('utf8', qualifierStart, qualifierStart + qualifierLength),
      buffer.toString('utf8', valueStart, valueStart + valueLength),
    ]);
  }
  return cells;
}
