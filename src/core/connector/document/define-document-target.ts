// How an author writes a target without SQL: where the ledger is kept as one document, and how rows go under a stamp. The ledger's
// rules, the fence, positions, dirty rows and completion are over that.
//
//   load ledger ─► work on a copy ─► claim: a stamp for this unit alone ─► write all rows with it ─► commit the copy
//        ▲                               │ the ledger changed (compare-and-set)                         │
//        └───────────────────────────────┴──────────────────────────────────────────────────────────────┘
//
// A unit is committed only if nobody changed the ledger since its claim, and only after all of its rows are in the target: what the
// ledger counts is written. Stamps are handed out once and grow; who repeats a unit claims again. So of two writes of a key that of the
// newer run, or the one later in the log, has the higher stamp, and a write that wakes up late has a lower one than the row that stands.
import { systemClock } from '../../clock.ts';
import { refuseWay } from '../../deletes.ts';
import { SyncError } from '../../errors.ts';
import { createDocumentLedger } from '../../ledger/document-access.ts';
import { jobWhileSent } from '../../ledger/document.ts';
import type { LedgerDocument } from '../../ledger/document.ts';
import { createDocumentTransaction } from '../../ledger/document-transaction.ts';
import type { TargetLedger } from '../../ledger/ledger.ts';
import { digestRow } from '../../row-digest.ts';
import { openUnit, type DocumentRow, type DocumentUnit } from './document-unit.ts';
import type { CheckStep, SinkPlugin } from '../contract.ts';
import { defineSink, missingParts, requireParts, type SinkDefinition } from '../define.ts';
import type { EverySink } from '../every-sink.ts';
import type { RowSchema } from '../field-type.ts';
import type { SinkStore, SinkTransaction, TableNotes } from '../sink-store.ts';
import { runCheckSteps } from '../check-steps.ts';

export interface DocumentTargetDefinition<C> extends Omit<
  SinkDefinition<C>,
  'openLedger' | 'openStore' | 'identity' | 'testConnection' | 'readsTimestamps' | 'refuseDeletes'
> {
  /** What tells the target from all others; no secrets. A change demands a full run. */
  place(config: C & EverySink): readonly (string | number | null)[];
  /** Absent: the ledger is loaded, and the rows are foreseen by `prepare`. */
  readonly testConnection?: SinkDefinition<C>['testConnection'];
  /** Once per ledger or store. `signal`: of the sink's task; absent: for the executor. Throws TARGET_UNREACHABLE, TARGET_LOGIN. */
  open(config: C & EverySink, signal?: AbortSignal): Promise<DocumentPlace> | DocumentPlace;
}

/** One target and the ledger beside it. Each method may throw SyncError; what is `retriable` is tried again. */
export interface DocumentPlace {
  /** The ledger that was kept last, and what tells it from any other; null: none was. Makes nothing. */
  load(): Promise<{ readonly ledger: string; readonly version: string } | null>;
  /** Keeps the ledger if that of `from` (null: none) is still the last one, in one act; false: somebody else was faster. */
  compareAndSet(from: string | null, ledger: string): Promise<boolean>;
  /** Is the target fit for such rows? May make it, unless `foresee`. Throws TARGET_SCHEMA, TARGET_DENIED. */
  prepare(schema: RowSchema, foresee: boolean): Promise<TableNotes>;
  /**
   * Writes and removes rows, in their order. Of two writes of a key the one with the higher stamp stays, in whatever order they
   * arrive, and removals are such writes. Resolves when all of them are in the target for good.
   */
  writeRows(rows: readonly DocumentRow[], stamp: number): Promise<void>;
  /** The values of the row that has the key, in the order of the schema and as they were given; null: there is none. */
  readRow(key: DocumentRow['key']): Promise<readonly (string | Buffer | null)[] | null>;
  isEmpty(): Promise<boolean>;
  close(): Promise<void>;
}

interface StampedLedger extends LedgerDocument {
  /** The highest stamp handed out; it only grows, also when the job goes. */
  clock: number;
}

const partsOfPlace: readonly (keyof DocumentPlace)[] = [
  'load',
  'compareAndSet',
  'prepare',
  'writeRows',
  'readRow',
  'isEmpty',
  'close',
];

const maxAttempts = 100;
const longestPauseMs = 50;

/** Throws TypeError for a definition without `place` and `open`. */
export function defineDocumentTarget<C>(definition: DocumentTargetDefinition<C>): SinkPlugin {
  const { className } = definition;
  requireParts(`defineDocumentTarget of ${className}`, definition, ['place', 'open']);
  const open = async (config: C & EverySink, signal?: AbortSignal): Promise<DocumentPlace> => {
    const place = await definition.open(config, signal);
    const problem = missingParts(place, partsOfPlace);
    if (problem === null) return place;
    throw new SyncError('PLUGIN_FAULT', { message: `opening the target of ${className}: ${problem}` });
  };
  return defineSink<C>({
    ...definition,
    identity: (config): string => JSON.stringify({ kind: className, place: definition.place(config) }),
    refuseDeletes: (_, way) => (way.by === 'keys' ? refuseWay('this target', way) : null),
    testConnection: (config, signal, rows) =>
      definition.testConnection?.(config, signal, rows) ?? checkPlace(() => open(config, signal), rows),
    openLedger: async (config) => openLedger(await open(config)),
    openStore: async (config, signal) => openStore(await open(config, signal), config, signal),
  });
}

function checkPlace(
  open: () => Promise<DocumentPlace>,
  rows: RowSchema | undefined,
): Promise<readonly CheckStep[]> {
  return runCheckSteps(async (step) => {
    const place = await step('open', async () => ({ detail: 'the target was opened', value: await open() }));
    try {
      await step('ledger', async () => {
        const there = (await place.load()) !== null;
        return { detail: there ? 'the ledger is there' : 'the first run will make the ledger', value: null };
      });
      if (rows !== undefined)
        await step('rows', async () => {
          const { notes, doubts } = await place.prepare(rows, true);
          return { detail: ['the rows fit', ...notes.map(({ en }) => en)].join('; '), doubts, value: null };
        });
    } finally {
      await place.close();
    }
  });
}

interface Loaded {
  readonly version: string | null;
  readonly ledger: StampedLedger;
}

async function load(place: DocumentPlace): Promise<Loaded> {
  const stored = await place.load();
  if (stored === null) return { version: null, ledger: { job: null, runs: [], clock: 0 } };
  return { version: stored.version, ledger: JSON.parse(stored.ledger) as StampedLedger };
}

/** What nobody else can do at the same time. `work` may run again on a newer ledger. null: somebody was faster. */
async function tryTimes<T>(
  signal: AbortSignal | undefined,
  act: () => Promise<{ result: T } | null>,
): Promise<T> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    signal?.throwIfAborted();
    const done = await act();
    if (done !== null) return done.result;
    await systemClock.sleep(Math.random() * Math.min(attempt * 2, longestPauseMs), signal);
  }
  throw new SyncError('TARGET_FAILED', {
    message: `committing to the target's ledger: others were faster ${maxAttempts} times`,
    retriable: true,
  });
}

function openLedger(place: DocumentPlace): TargetLedger {
  const look = async (): Promise<StampedLedger | null> => {
    const { version, ledger } = await load(place);
    return version === null ? null : ledger;
  };
  return createDocumentLedger<StampedLedger>({
    look,
    read: look,
    change: (work) =>
      tryTimes(undefined, async () => {
        const base = await load(place);
        const ledger = structuredClone(base.ledger);
        const result = work(ledger);
        return (await keep(place, base, ledger)) ? { result } : null;
      }),
    close: () => place.close(),
  });
}

async function keep(place: DocumentPlace, base: Loaded, ledger: StampedLedger): Promise<boolean> {
  const [before, after] = [JSON.stringify(base.ledger), JSON.stringify(ledger)];
  return before === after || place.compareAndSet(base.version, after);
}

function openStore(
  place: DocumentPlace,
  { keysMayMerge }: Pick<EverySink, 'keysMayMerge'>,
  signal: AbortSignal,
): SinkStore {
  let schema: RowSchema | null = null;
  const requireSchema = (): RowSchema => {
    if (schema !== null) return schema;
    throw new SyncError('INTERNAL', { message: 'writing rows before prepareTable' });
  };
  return {
    prepareTable: async (rows) => {
      const key = rows.key.map((name) => rows.fields.findIndex((field) => field.name === name));
      if (key.length === 0)
        throw new SyncError('TARGET_SCHEMA', {
          message: 'rows have no key: mark a field of the mapping with ispk=1',
        });
      const { merging } = rows;
      if (merging !== undefined && !merging.chosen && !keysMayMerge)
        throw new SyncError('KEYS_MAY_MERGE', { message: merging.reason.en });
      const { notes, doubts } = await place.prepare(rows, false);
      schema = rows;
      const merged = merging === undefined ? [] : [merging.reason];
      return { notes, doubts: [...merged, ...doubts], key, replaceable: false };
    },
    transaction: (work) =>
      tryTimes(signal, async () => {
        const base = await load(place);
        const ledger = structuredClone(base.ledger);
        const unit = openUnit();
        const result = await work(unitTransaction(ledger, { place, unit, requireSchema }));
        const claimed = unit.rows.length === 0 ? base : await claim(place, base, { unit, after: ledger });
        if (claimed === null) return null;
        if (unit.rows.length > 0) {
          await place.writeRows(unit.rows, claimed.ledger.clock);
          await requireWritten(place, unit);
        }
        return (await keep(place, claimed, { ...ledger, clock: claimed.ledger.clock })) ? { result } : null;
      }),
    close: () => place.close(),
  };
}

/**
 * Until the ledger counts them nobody else looks at rows that come and are complete in one unit. Some are enough to find a target that
 * keeps none. Throws TARGET_FAILED, retriable: a newer run may have written them since.
 */
async function requireWritten(place: DocumentPlace, unit: DocumentUnit): Promise<void> {
  const { rows } = unit;
  const looked = new Set([rows[0], rows[Math.floor(rows.length / 2)], rows.at(-1)]);
  for (const row of looked) {
    const written = row && unit.find(row.key);
    if (written === undefined) continue;
    const found = await place.readRow(written.key);
    if (digestOf(found) !== digestOf(written.values))
      throw new SyncError('TARGET_FAILED', {
        message: `writing rows: the target says that all are written, and ${found === null ? 'does not hold' : 'holds other values of'} the one with the key ${written.key.map(String).join(', ')}`,
        retriable: true,
      });
  }
}

function digestOf(values: DocumentRow['values']): string | null {
  return values === null ? null : digestRow(values);
}

/** Hands out the next stamp; null: somebody was faster. */
async function claim(
  place: DocumentPlace,
  base: Loaded,
  { unit, after }: { readonly unit: DocumentUnit; readonly after: StampedLedger },
): Promise<Loaded | null> {
  const removes = unit.rows.some(({ values }) => values === null);
  const ledger = {
    ...base.ledger,
    job: jobWhileSent(base.ledger.job, after.job, { removes }),
    clock: Math.max(base.ledger.clock + 1, systemClock.now()),
  };
  const text = JSON.stringify(ledger);
  if (!(await place.compareAndSet(base.version, text))) return null;
  // Its version is known only by looking; another claim since then is not ours.
  const stored = await place.load();
  return stored?.ledger === text ? { version: stored.version, ledger } : null;
}

function unitTransaction(
  ledger: StampedLedger,
  on: {
    readonly place: DocumentPlace;
    readonly unit: DocumentUnit;
    readonly requireSchema: () => RowSchema;
  },
): SinkTransaction {
  const { place, unit, requireSchema } = on;
  // What the unit has not written yet will be read back as it was given.
  const readBack = async (key: DocumentRow['key']): ReturnType<DocumentPlace['readRow']> => {
    const own = unit.find(key);
    return own === undefined ? place.readRow(key) : own.values;
  };
  return createDocumentTransaction(ledger, {
    writeRows: (batch) => Promise.resolve(unit.write(requireSchema(), batch)),
    deleteRows: async (batch) => {
      unit.remove(requireSchema(), batch);
      return Promise.resolve();
    },
    digestRows: async (batch) => {
      const digests: (string | null)[] = [];
      for (const key of unit.keysOf(requireSchema(), batch)) {
        const found = key === null ? null : await readBack(key);
        digests.push(digestOf(found));
      }
      return digests;
    },
    isEmpty: async () => unit.rows.every(({ values }) => values === null) && (await place.isEmpty()),
  });
}
