// Whether another attempt may do is said by the error itself, and holds on its way from the connector to the retry: each error
// is made by the connector's own code, travels as the lane's `error` status does, and makes a next attempt or none.
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFileSourceTask } from '../../connectors/file/source-task.ts';
import { RetryBudget } from '../../connectors/hbase/client/retry-budget.ts';
import { onSide } from '../../connectors/hbase/cluster/side-errors.ts';
import { remoteError } from '../../connectors/hbase/client/exceptions.ts';
import { toTargetError } from '../../connectors/mysql/session/server-errors.ts';
import { createStatusSpeaker } from '../../src/worker/status-speaker.ts';
import { SyncError } from '../../src/core/errors.ts';
import { noCounts } from '../../src/core/status.ts';
import type { StatusMessage } from '../../src/core/status.ts';
import { parseStatus } from '../../src/core/status.ts';
import { checkBatches } from '../../src/log/batch-crc.ts';
import { errorOfCode, untilItPasses } from '../../src/log/kafka/kafka-trouble.ts';
import { encodeBatch } from '../support/batch-codec.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { JOB, NAMES, setupExecutor } from './setup-executor.ts';
import type { Bundle } from './setup-executor.ts';
import type { Run } from '../../src/core/run.ts';

const place = { address: 'db:3306', user: 'sync', account: 'sync@%', database: 'shop' };

function mysql(errno: number): () => unknown {
  return () => toTargetError(Object.assign(new Error(`server said ${errno}`), { errno }), 'writing', place);
}

/** What a source throws when a region server answers so until the budget is spent. */
function hbase(exception: string): () => Promise<unknown> {
  return async () => {
    const clock = createFakeClock(0);
    const budget = new RetryBudget({ clock, budgetMs: 60_000, what: 'scanning orders' });
    const className = `org.apache.hadoop.hbase.${exception}`;
    const failure = remoteError(
      { method: 'Scan', server: 'rs1:16020', region: 'orders,,1' },
      { className, stackTrace: `${className}: orders,,1`, doNotRetry: false, serverOverloaded: false },
    );
    return thrownBy(clock, () =>
      onSide('SOURCE', async () => {
        for (;;) await budget.failed(failure);
      }),
    );
  };
}

function kafka(code: number): () => Promise<unknown> {
  return () => {
    const clock = createFakeClock(0);
    return thrownBy(clock, () =>
      untilItPasses({ clock, withinMs: 60_000 }, () =>
        Promise.reject(errorOfCode(code, 'writing to orders-3')),
      ),
    );
  };
}

async function thrownBy(
  clock: ReturnType<typeof createFakeClock>,
  work: () => Promise<unknown>,
): Promise<unknown> {
  let thrown: unknown = null;
  const done = work().catch((error: unknown) => (thrown = error));
  for (let second = 0; second < 200 && thrown === null; second += 1) await clock.advance(1_000);
  await done;
  return thrown;
}

function wrongChecksum(): unknown {
  const batch = Buffer.from(
    encodeBatch({ records: [{ offset: 0, key: null, value: Buffer.from('a'), headers: [] }] }),
  );
  return thrownAtOnce(() => checkBatches(batch, 'orders-3'));
}

/** A file that was cut while it was read. */
async function fileCut(): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'syncline-retry-'));
  const path = join(folder, 'in.txt');
  try {
    await writeFile(path, 'a\nb\n');
    const task = openFileSourceTask(path, { batchRows: 10 });
    const plan = await task.plan({ base: null, mode: 'full', lagMs: 0 });
    await truncate(path, 1);
    const out = { ...ignored, drained: () => Promise.resolve() };
    const read = { plan, split: plan.splits[0] ?? '', out, signal: new AbortController().signal };
    return await task.readSplit(read).catch((error: unknown) => error);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const nothing = (): void => undefined;
const ignored = { row: nothing, dirty: nothing, filtered: nothing, nulled: nothing };

function thrownAtOnce(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

/** Says the error as the lane's speaker does, over a channel that carries JSON. */
async function fail(bundle: Bundle, run: Run, error: unknown): Promise<void> {
  const said: StatusMessage[] = [];
  const speaker = createStatusSpeaker({
    run: { speaker: NAMES.source, taskId: run.id, job: JOB } as Parameters<
      typeof createStatusSpeaker
    >[0]['run'],
    side: 'source',
    topic: () => 'orders',
    clock: bundle.clock,
    publish: (status) => void said.push(status),
  });
  speaker.error({ epoch: 1, predicted: { rows: null, exact: false }, counts: noCounts }, error);
  const status = parseStatus(JSON.stringify(said[0]));
  if (status === null) throw new Error('the status can not be read');
  await bundle.statuses.publish(status);
  await bundle.clock.advance(0);
}

describe('another attempt follows', () => {
  test.each<[string, () => unknown]>([
    ['a deadlock in MySQL', mysql(1213)],
    ['a lock timeout in MySQL', mysql(1205)],
    ['a MySQL server that is read-only during a failover', mysql(1290)],
    ['a full disk of MySQL', mysql(1021)],
    ['a full table of MySQL', mysql(1114)],
    ['too many connections to MySQL', mysql(1040)],
    ['a connection to MySQL that is gone', mysql(2006)],
    ['regions in transition beyond hbase.retry.ms', hbase('NotServingRegionException')],
    ['regions too busy beyond hbase.retry.ms', hbase('RegionTooBusyException')],
    ['too few replicas in Kafka beyond its 60 s', kafka(19)],
    ['a Kafka leader that does not come back', kafka(6)],
    ['a topic that went', kafka(3)],
    ['a batch with a wrong checksum', wrongChecksum],
    ['a source file that changed while it was read', fileCut],
    [
      'a mapping whose bare names can be looked up the next time',
      () => new SyncError('MAPPING_INVALID', { message: 'it was empty; run again', retriable: true }),
    ],
  ])('%s', async (_what, failure) => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 2 } });
    const run = await bundle.goingRun();
    const error = await failure();
    expect(error).toBeInstanceOf(SyncError);
    await fail(bundle, run, error);
    expect(await bundle.read(run.id)).toMatchObject({ state: 'failed', reason: { retriable: true } });
    expect([...bundle.runs.rows.values()].map(({ attempt }) => attempt)).toEqual([1, 2]);
  });
});

describe('no other attempt follows', () => {
  test.each<[string, () => unknown]>([
    ['rights that are missing in MySQL', mysql(1142)],
    ['a column that MySQL does not have', mysql(1054)],
    ['a statement that MySQL refuses', mysql(1064)],
    ['a table that HBase refuses to read', hbase('FailedSanityCheckException')],
    ['a row that is too large for Kafka', kafka(10)],
    ['rights that are missing in Kafka', kafka(29)],
    ['a mapping that is wrong', () => new SyncError('MAPPING_INVALID', { message: 'no family x' })],
    ['a defect', () => new TypeError('x is undefined')],
  ])('%s', async (_what, failure) => {
    const bundle = await setupExecutor({ policy: { maxAttempts: 2 } });
    const run = await bundle.goingRun();
    await fail(bundle, run, await failure());
    expect(await bundle.read(run.id)).toMatchObject({ state: 'failed', reason: { retriable: false } });
    expect(bundle.runs.rows.size).toBe(1);
  });
});
