// How a sink task finds its run in the target: begins it when nobody else did (by hand), reads where to go on.
import { createHash } from 'node:crypto';
import type { SinkPlugin } from '../../core/connector/contract.ts';
import { SyncError } from '../../core/errors.ts';
import { closeAll } from '../../core/closing.ts';
import type { LedgerPartition, RunKey, TargetLedger } from '../../core/ledger/ledger.ts';
import type { RecordLog } from '../../core/ports/record-log.ts';
import type { SinkStore } from '../../core/connector/sink-store.ts';
import type { RunConfig } from '../run-config.ts';
import { readSetPositions, START_POSITIONS } from './sink-positions.ts';
import { newSinkState } from './sink-state.ts';
import type { SinkState } from './sink-state.ts';
import type { TaskContext } from '../lanes/task-context.ts';

/** Note of a sink connector: positions of its last run (JSON: LedgerPartition[]). */
export const LAST_POSITIONS = 'last-positions';

/** Digest of a job's identity as the ledger keeps it. */
export function digestOf(...identities: readonly string[]): string {
  return createHash('sha256').update(identities.join('\n')).digest('hex');
}

/** The run's epoch: the executor's, or that of the run this task begins by hand. */
export async function findRun(options: {
  plugin: SinkPlugin;
  run: RunConfig;
  context: TaskContext;
}): Promise<RunKey> {
  const { plugin, run, context } = options;
  if (run.epoch !== null) return { job: run.job, epoch: run.epoch };
  const ledger = await plugin.openLedger(context.config);
  return closeAll(() => findByHand(options, ledger), [ledger]);
}

async function findByHand(options: Parameters<typeof findRun>[0], ledger: TargetLedger): Promise<RunKey> {
  const { run, context } = options;
  const begun = await readBegun(context);
  if (begun?.taskId === run.taskId && begun.generation === context.generation)
    return { job: run.job, epoch: begun.epoch };
  // Where the last run stood: begin makes a new epoch without positions. A ledger that knows none leaves what is noted, which a
  // deleted connector of this name left behind.
  const stood = await ledger.readPartitions(run.job);
  if (stood.length > 0 || (await context.notes.read(LAST_POSITIONS)) === null)
    await context.notes.write(LAST_POSITIONS, JSON.stringify(stood));
  const outcome = await ledger.begin({
    job: run.job,
    taskId: run.taskId,
    digest: digestOf(options.plugin.identity(context.config)),
    mode: 'full',
    byHand: true,
  });
  switch (outcome.kind) {
    case 'begun':
    case 'current':
      await writeBegun(context, { taskId: run.taskId, epoch: outcome.epoch });
      return { job: run.job, epoch: outcome.epoch };
    case 'zombie':
      throw new SyncError('FENCED', {
        message: `beginning task ${run.taskId}: it ran before, and task ${outcome.holder} holds ${run.job} now`,
      });
    case 'digest-changed':
      throw new SyncError('DIGEST_CHANGED', {
        message: `beginning task ${run.taskId}: the target of ${run.job} changed`,
      });
    case 'table-taken':
      throw new SyncError('TABLE_TAKEN', {
        message: `beginning task ${run.taskId}: job ${outcome.by} writes to the same table`,
      });
  }
}

/** The run by hand that this connector began last: a restart goes on with it, the same task id put again is a new run. */
const BEGUN = 'begun';

/** By hand: where the run that began last began to read, and whether it was aborted. */
const RUN_START = 'run-start';
const ABORTED = 'aborted';

/** The task id put again, or restarted, is to read all of its run: what its source sent before it failed is not sent again. */
export async function noteAborted({ notes }: TaskContext, taskId: string): Promise<void> {
  await notes.write(ABORTED, taskId);
  await notes.write(BEGUN, 'null');
}

async function readBegun({
  notes,
}: TaskContext): Promise<{ taskId: string; generation: number; epoch: number } | null> {
  return JSON.parse((await notes.read(BEGUN)) ?? 'null') as Awaited<ReturnType<typeof readBegun>>;
}

async function writeBegun(
  { notes, generation }: TaskContext,
  run: { taskId: string; epoch: number },
): Promise<void> {
  await notes.write(BEGUN, JSON.stringify({ ...run, generation }));
}

/** Reads what the ledger knows of the run, once a swap that was broken off is done. */
export async function loadState(
  store: SinkStore,
  { key }: { readonly key: RunKey },
): Promise<{
  state: SinkState;
  partitions: readonly LedgerPartition[];
}> {
  const { swapDue, ...found } = await readState(store, key);
  if (!swapDue) return found;
  await store.finishSwap?.(key);
  return readState(store, key);
}

async function readState(
  store: SinkStore,
  key: RunKey,
): Promise<Awaited<ReturnType<typeof loadState>> & { readonly swapDue: boolean }> {
  return store.transaction(async (tx) => {
    const job = await tx.lockJob(key.job, 'exclusive');
    const run = await tx.readRun(key);
    if (job?.epoch !== key.epoch) {
      // A complete run keeps its row after newer runs began: a late restart may still repeat its end.
      if (run?.state !== 'complete') {
        throw new SyncError('FENCED', {
          message: `reading the ledger of ${key.job}: epoch ${job?.epoch ?? 0} holds it`,
        });
      }
    }
    const splits = await tx.readSplits(key);
    const state = newSinkState({
      plan: run?.plan ?? null,
      splits,
      skipped: run?.counts.skipped ?? 0,
      complete: run?.state === 'complete',
      doubts: run?.doubts ?? [],
      trust: job === null ? null : await tx.readTrust(key.job),
    });
    const swapDue = (await tx.swapDue?.(key)) ?? false;
    return { state, partitions: await tx.readPartitions(key), swapDue };
  });
}

/** Makes the run's position rows: the executor's start offsets, else the job's last position, else the start of the log. */
export async function ensurePartitions(options: {
  store: SinkStore;
  log: RecordLog;
  run: RunConfig;
  key: RunKey;
  topic: string;
  context: TaskContext;
  known: readonly LedgerPartition[];
}): Promise<readonly LedgerPartition[]> {
  const { store, log, run, key, topic } = options;
  const { incarnation, partitions } = await log.readOffsets(topic);
  const expected = run.logIncarnation ?? options.known[0]?.logIncarnation ?? incarnation;
  if (expected !== incarnation) {
    throw new SyncError('TOPIC_MISSING', {
      message: `reading ${topic}: it was deleted and made again during the run (log ${expected} is now ${incarnation})`,
    });
  }
  if (options.known.length > 0) return options.known;
  const last = await startPositions(options, incarnation);
  const positions = partitions.map(({ partition, start }): LedgerPartition => ({
    topic,
    partition,
    next: run.startOffsets?.[partition] ?? last.get(partition) ?? start,
    logIncarnation: incarnation,
  }));
  await store.transaction(async (tx) => {
    const job = await tx.lockJob(key.job, 'shared');
    if (job?.epoch !== key.epoch)
      throw new SyncError('FENCED', { message: `beginning ${key.job}: a newer run holds it` });
    for (const position of positions) await tx.addPartition(key, position);
  });
  if (run.epoch === null) {
    await options.context.notes.write(RUN_START, JSON.stringify(positions));
    await options.context.notes.write(ABORTED, '');
  }
  return positions;
}

/** By hand: offsets set over REST for this run, else where the job's last run stood in the same log. */
async function startPositions(
  options: { run: RunConfig; key: RunKey; topic: string; context: TaskContext },
  incarnation: string,
): Promise<ReadonlyMap<number, number>> {
  if (options.run.epoch !== null) return new Map();
  const { notes } = options.context;
  const positions = new Map<number, number>();
  const again = (await notes.read(ABORTED)) === options.run.taskId;
  const noted = await notes.read(again ? RUN_START : LAST_POSITIONS);
  for (const each of JSON.parse(noted ?? '[]') as readonly LedgerPartition[]) {
    if (each.topic === options.topic && each.logIncarnation === incarnation)
      positions.set(each.partition, each.next);
  }
  for (const set of readSetPositions(await notes.read(START_POSITIONS), options.key.epoch - 1)) {
    if (set.topic !== options.topic) continue;
    if (set.next === null) positions.delete(set.partition);
    else positions.set(set.partition, set.next);
  }
  return positions;
}
