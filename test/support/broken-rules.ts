// Rules of the completeness protocol taken away one by one, around the product's own code: what the simulation must see.
import type { SinkState } from '../../src/worker/sink/sink-state.ts';
import type { Segment, Unit } from '../../src/worker/sink/sink-inbox.ts';
import type { SinkStore, SinkTransaction } from '../../src/core/connector/sink-store.ts';
import type { RunKey } from '../../src/core/ledger/ledger.ts';

export type BrokenRule =
  | 'fence and watermark'
  | 'position'
  | 'lag'
  /** All attempts of a split are called the same. */
  | 'attempt'
  /** END goes out although sends were lost, and its count is believed. */
  | 'acknowledgement and count'
  /** A restarted source plans again, and the sink takes the newest plan it sees. */
  | 'one plan'
  /** Deletes are followed from the beginning of the newest run on. */
  | 'oldest beginning'
  /** The ledger is not told what the mapping is. */
  | 'changed mapping'
  /** Nobody looks whether the rows of earlier runs are in the target. */
  | 'witnesses'
  /** They are looked for when an increment begins only. */
  | 'witnesses at the end'
  /** Nobody keeps what a run that is not complete yet wrote. */
  | 'marks as written'
  /** Nobody remembers that rows of other keys are there. */
  | 'former keys'
  /** Nobody remembers that the watermark was put over changes. */
  | 'skipped changes'
  /** Refused rows are forgotten when their run is complete. */
  | 'open rows'
  /** Nobody says that rows without a key are there twice. */
  | 'doubled rows'
  /** Nobody looks for cells that bear a time of long ago. */
  | 'odd timestamps'
  /** Nobody looks whether rows are there before the first run. */
  | 'foreign rows';

/** What may happen in this world: where everything does, nearly no run is proved. */
export interface Hazards {
  readonly oldStamps: boolean;
  readonly stampsAhead: boolean;
  readonly reconciles: boolean;
  readonly keyChanges: boolean;
  readonly resets: boolean;
  readonly exchanges: boolean;
  /** The target does not say that another row stands against one that it refuses: none waits for the end of its run. */
  readonly silentConflicts: boolean;
  readonly mappings: boolean;
  readonly truncations: boolean;
  /** Somebody puts older copies of rows back. */
  readonly restores: boolean;
  /** The target has rows before the first run. */
  readonly foreignRows: boolean;
}

const calm: Hazards = {
  oldStamps: false,
  stampsAhead: false,
  reconciles: false,
  keyChanges: false,
  resets: false,
  exchanges: false,
  silentConflicts: false,
  mappings: false,
  truncations: false,
  restores: false,
  foreignRows: false,
};

/** Without a rule only that happens which it is for: where all does, it takes many worlds to see that it is missing. */
export function hazardsOf(rule: BrokenRule | null): Partial<Hazards> {
  if (rule === null) return {};
  const own = hazardOf[rule];
  return own === undefined ? calm : { ...calm, [own]: true };
}

const hazardOf: Partial<Record<BrokenRule, keyof Hazards>> = {
  'changed mapping': 'mappings',
  witnesses: 'truncations',
  'witnesses at the end': 'truncations',
  'marks as written': 'restores',
  'former keys': 'keyChanges',
  'skipped changes': 'resets',
  'open rows': 'exchanges',
  'odd timestamps': 'oldStamps',
  'foreign rows': 'foreignRows',
};

export function breakStore(store: SinkStore, key: RunKey, rule: BrokenRule | null): SinkStore {
  const weaken = weakened(key, rule);
  if (weaken === null) return store;
  return {
    ...store,
    transaction: (work) => store.transaction((tx) => work({ ...tx, ...weaken(tx) })),
  };
}

function weakened(
  key: RunKey,
  rule: BrokenRule | null,
): ((tx: SinkTransaction) => Partial<SinkTransaction>) | null {
  switch (rule) {
    case 'position':
      return (tx) => ({ movePartition: (run, move) => tx.movePartition(run, move).then(() => true) });
    case 'fence and watermark':
      return (tx) => ({
        lockJob: (job, lock) => tx.lockJob(job, lock).then((row) => row && { ...row, epoch: key.epoch }),
      });
    case 'one plan':
      return (tx) => ({ readRun: (run) => tx.readRun(run).then((row) => row && { ...row, plan: null }) });
    case 'oldest beginning':
      return (tx) => ({
        readTrust: (job) => tx.readTrust(job).then((trust) => ({ ...trust, deletesFrom: null })),
        // Rows of the runs before are taken for those of others.
        putTrust: (job, trust) => tx.putTrust(job, { ...trust, foreign: false }),
      });
    case 'foreign rows':
      return (tx) => ({ putTrust: (job, trust) => tx.putTrust(job, { ...trust, foreign: false }) });
    case 'witnesses':
      return () => ({ digestRows: ({ rows }) => Promise.resolve(new Array<string>(rows).fill('')) });
    case 'witnesses at the end':
      return lookAtPlanOnly;
    case 'marks as written':
      return forgetWritten;
    case 'open rows':
      return (tx) => ({
        putTrust: (job, trust) => tx.putTrust(job, { ...trust, open: [], openBeyond: 0 }),
        // None waits for the end of its run, where nearly all of them are written.
        writeRows: async (batch) => (await tx.writeRows(batch)).map((row) => ({ ...row, conflict: false })),
      });
    case 'doubled rows':
      return (tx) => ({
        addDoubts: (run, doubts) =>
          tx.addDoubts(
            run,
            doubts.filter(({ en }) => !en.includes('begun again')),
          ),
      });
    default:
      return null;
  }
}

function lookAtPlanOnly(tx: SinkTransaction): Partial<SinkTransaction> {
  let isPlanned = false;
  return {
    setPlan: (run, plan) => {
      isPlanned = true;
      return tx.setPlan(run, plan);
    },
    digestRows: (batch) =>
      isPlanned ? tx.digestRows(batch) : Promise.resolve(new Array<string>(batch.rows).fill('')),
    isEmpty: () => (isPlanned ? tx.isEmpty() : Promise.resolve(null)),
  };
}

/** What a transaction wrote can't be read back in it, but for a run that it completes. */
function forgetWritten(tx: SinkTransaction): Partial<SinkTransaction> {
  let isLast = false;
  return {
    addEnded: (run) => {
      isLast = true;
      return tx.addEnded(run);
    },
    digestRows: async (batch) => {
      const digests = await tx.digestRows(batch);
      return isLast ? digests : digests.map((digest) => digest && '');
    },
  };
}

/** The unit as a sink without the rule would take it. */
export function breakUnit(unit: Unit, state: SinkState, rule: BrokenRule | null): Unit {
  if (rule === 'one plan' && unit.segments.some(({ kind }) => kind === 'begin')) state.plan = null;
  return rule === 'acknowledgement and count' ? { ...unit, segments: believeEnds(unit, state) } : unit;
}

/** Each END says the number of rows that the sink has got. */
function believeEnds({ segments }: Unit, state: SinkState): readonly Segment[] {
  const got = new Map(
    [...state.splits.values()].map((split) => [`${split.split}.${split.attempt}`, split.written]),
  );
  return segments.map((segment) => {
    if (segment.kind === 'begin') got.set(`${segment.begin.split}.${segment.begin.attempt}`, 0);
    if (segment.kind === 'rows') {
      const id = `${segment.split}.${segment.attempt}`;
      got.set(id, (got.get(id) ?? 0) + segment.batch.rows);
    }
    if (segment.kind !== 'end') return segment;
    const emitted = got.get(`${segment.end.split}.${segment.end.attempt}`) ?? 0;
    return { ...segment, end: { ...segment.end, emitted } };
  });
}
