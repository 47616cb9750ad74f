// A target of somebody else that throws in every method, never answers or lies: the run fails in words that name it, and nothing hangs.
import { describe, expect, it } from 'vitest';
import { guardPlugin } from '../../../connectors/packages/guard-plugin.ts';
import type { SinkPlugin } from '../../../src/core/connector/contract.ts';
import type { SinkStore, SinkTransaction } from '../../../src/core/connector/sink-store.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { TargetLedger } from '../../../src/core/ledger/ledger.ts';
import { runSinkTask } from '../../../src/worker/sink/sink-task.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { createMemoryTarget } from '../../fakes/memory-target.ts';
import type { MemoryTarget } from '../../fakes/memory-target.ts';
import { createMemorySink, createTaskBed, runOut } from '../../support/task-bed.ts';
import { wholeRun } from '../../support/whole-run.ts';

const config = { topics: 't', 'pkuse.task.id': 'run-1' };
const ANSWER_MS = 20_000;
const forever = new Promise<never>(() => undefined);
const boom = (): never => {
  throw new TypeError('boom');
};

type Change = (sink: SinkPlugin, target: MemoryTarget) => SinkPlugin;

/** How a run into the target ends, all of its waiting done; null: well. `stopAfterMs`: it is stopped then. */
async function runGuarded(change: Change, stopAfterMs?: number) {
  const clock = createFakeClock(0);
  const target = createMemoryTarget();
  const bed = createTaskBed({ log: await wholeRun(clock), clock, config });
  const start = clock.monotonic();
  const sink = { ...change(createMemorySink(target), target), answerWithinMs: ANSWER_MS };
  const plugin = guardPlugin(sink, '@acme/x', clock) as SinkPlugin;
  if (stopAfterMs !== undefined)
    void clock.sleep(stopAfterMs).then(() => bed.stop.abort(new Error('stopped')));
  const ended = await runOut(clock, runSinkTask(plugin, bed.context));
  return { ended, said: bed.statuses.at(-1), took: clock.monotonic() - start, target };
}

const withLedger =
  (change: (ledger: TargetLedger) => Partial<TargetLedger>): Change =>
  (sink) => ({
    ...sink,
    openLedger: async (flat) => {
      const ledger = await sink.openLedger(flat);
      return { ...ledger, ...change(ledger) };
    },
  });

const withStore =
  (change: (store: SinkStore, target: MemoryTarget) => Partial<SinkStore>): Change =>
  (sink, target) => ({
    ...sink,
    openStore: async (flat, signal) => {
      const store = await sink.openStore(flat, signal);
      return { ...store, ...change(store, target) };
    },
  });

const withTransaction = (change: (tx: SinkTransaction) => Partial<SinkTransaction>): Change =>
  withStore((store) => ({
    transaction: (work) => store.transaction((tx) => work({ ...tx, ...change(tx) })),
  }));

const fault = (message: string | RegExp) => ({
  code: 'PLUGIN_FAULT',
  message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
});

it('that keeps the contract runs as before', async () => {
  const { ended, said, target } = await runGuarded((sink) => sink);
  expect(ended).toBeNull();
  expect(said).toMatchObject({ stage: 'end', description: '4' });
  expect(target.state.rows.size).toBe(4);
});

const ledgerCalls: Readonly<Partial<Record<keyof TargetLedger, (ledger: TargetLedger) => Promise<unknown>>>> =
  {
    begin: (ledger) => ledger.begin({ job: 'j', taskId: 't', digest: '', mode: 'full', byHand: false }),
    abort: (ledger) => ledger.abort({ job: 'j', taskId: 't' }),
    look: (ledger) => ledger.look('j'),
    readJob: (ledger) => ledger.readJob('j'),
    readTrust: (ledger) => ledger.readTrust('j'),
    readRun: (ledger) => ledger.readRun('j', 't'),
    readPartitions: (ledger) => ledger.readPartitions('j'),
    readDirty: (ledger) => ledger.readDirty('j', 't', 1),
    remove: (ledger) => ledger.remove('j'),
  };

/** Each of them is asked by a run. */
const asked = [
  'lockJob',
  'readRun',
  'readPartitions',
  'movePartition',
  'putSplit',
  'writeRows',
  'completeRun',
] as const;

describe('what it throws', () => {
  it.each(['validate', 'identity', 'content', 'testConnection', 'openLedger', 'openStore'] as const)(
    'in %s names it',
    async (method) => {
      const broken = { ...createMemorySink(createMemoryTarget()), [method]: boom };
      const plugin = guardPlugin(broken, '@acme/x') as SinkPlugin;
      const signal = new AbortController().signal;
      const call = async (): Promise<unknown> => plugin[method]({}, signal);
      await expect(call()).rejects.toMatchObject(fault(`${method} of @acme/x: boom`));
    },
  );

  it.each(Object.entries(ledgerCalls))('in %s of its ledger names it', async (method, call) => {
    const plugin = guardPlugin(
      withLedger(() => ({ [method]: boom }))(createMemorySink(createMemoryTarget()), createMemoryTarget()),
      '@acme/x',
    ) as SinkPlugin;
    const ledger = await plugin.openLedger({});
    await expect(call(ledger)).rejects.toMatchObject(fault(`${method} in the ledger of @acme/x: boom`));
  });

  it.each(['prepareTable', 'transaction'] as const)('in %s fails the run, and names it', async (method) => {
    const { ended, said } = await runGuarded(withStore(() => ({ [method]: boom })));
    expect(ended).toMatchObject(fault(/of @acme\/x: boom$/));
    expect(said).toMatchObject({ stage: 'error', syncline: { error: { code: 'PLUGIN_FAULT' } } });
  });

  it.each(asked)('in %s of a transaction fails the run, and names it', async (method) => {
    const { ended } = await runGuarded(withTransaction(() => ({ [method]: boom })));
    expect(ended).toMatchObject(fault(`${method} in the target of @acme/x: boom`));
  });

  it('in close takes nothing back', async () => {
    expect((await runGuarded(withStore(() => ({ close: boom })))).ended).toBeNull();
    expect((await runGuarded(withLedger(() => ({ close: boom })))).ended).toBeNull();
  });

  it('as an error of the contract is left as it is', async () => {
    const full = new SyncError('TARGET_SCHEMA', { message: 'no room' });
    const { ended } = await runGuarded(withTransaction(() => ({ writeRows: () => Promise.reject(full) })));
    expect(ended).toBe(full);
  });
});

describe('what never answers', () => {
  it.each([
    ['openLedger', (sink: SinkPlugin) => ({ ...sink, openLedger: () => forever })],
    ['openStore', (sink: SinkPlugin) => ({ ...sink, openStore: () => forever })],
    ['begin', withLedger(() => ({ begin: () => forever }))],
    ['prepareTable', withStore(() => ({ prepareTable: () => forever }))],
    ['transaction', withStore(() => ({ transaction: () => forever }))],
    ...asked.map((method) => [method, withTransaction(() => ({ [method]: () => forever }))] as const),
    [
      'transaction',
      // Its work is done, and its COMMIT is never heard of.
      withStore((store) => ({ transaction: (work) => store.transaction(work).then(() => forever) })),
    ],
  ] as const)('in %s fails the run once its time is up', async (_, change) => {
    const { ended, took } = await runGuarded(change);
    expect(ended).toMatchObject({
      ...fault(/of @acme\/x: it gave no sign for 20 s$/),
      retriable: true,
    });
    // Both writers, each heard of once after it was asked.
    expect(took).toBeLessThan(4 * ANSWER_MS);
  });

  it('ends within seconds when it is stopped', async () => {
    const { ended, took } = await runGuarded(
      withTransaction(() => ({ writeRows: () => forever })),
      3_000,
    );
    expect(ended).toBeNull();
    expect(took).toBeLessThan(15_000);
  });

  it('in close is left alone', async () => {
    expect((await runGuarded(withStore(() => ({ close: () => forever })))).ended).toBeNull();
    expect((await runGuarded(withLedger(() => ({ close: () => forever })))).ended).toBeNull();
  });
});

describe('what it lies about', () => {
  it.each([
    ['nothing', null, 'preparing the target: it answers null'],
    ['no notes', { key: [0], doubts: [], replaceable: true }, 'its notes or doubts are no array'],
    ['a key of no field', { key: [7], notes: [], doubts: [], replaceable: true }, 'its key is [7]'],
    ['no replaceable', { key: [0], notes: [], doubts: [] }, 'its replaceable is undefined'],
    [
      'a mark that is no text',
      { key: [0], notes: [], doubts: [], replaceable: true, mark: 7 },
      'its mark is no text but number',
    ],
  ] as const)('the table that it prepared: %s', async (_, answer, said) => {
    const prepareTable = (): Promise<never> => Promise.resolve(answer as never);
    const { ended } = await runGuarded(withStore(() => ({ prepareTable })));
    expect(ended).toMatchObject({ code: 'PLUGIN_FAULT', message: expect.stringContaining(said) as string });
  });

  it.each([
    ['no list', undefined, 'which is no list of refused rows'],
    ['a row that was not sent', [{ index: 99 }], /it refuses row 99 of \d/],
    ['a row twice', [{ index: 0 }, { index: 0 }], 'it refuses row 0 twice'],
    ['no row', [null], /it refuses row undefined of \d/],
  ] as const)('the rows that it refused: %s', async (_, answer, said) => {
    const writeRows = () => Promise.resolve(answer as never);
    const { ended } = await runGuarded(withTransaction(() => ({ writeRows })));
    expect(ended).toMatchObject(fault(new RegExp(said)));
  });

  it('rows that it says are written, and are not: the run fails, or is not proved', async () => {
    const none = await runGuarded(withTransaction(() => ({ writeRows: () => Promise.resolve([]) })));
    expect(none.ended).toMatchObject({
      code: 'TARGET_CHANGED',
      message: expect.stringContaining('nothing that this job wrote is in the target') as string,
    });
    const some = await runGuarded(
      withTransaction((tx) => ({
        writeRows: ({ bytes }) =>
          tx.writeRows({ bytes: bytes.subarray(0, bytes.indexOf('\n') + 1), rows: 1 }),
      })),
    );
    expect(some.ended).toBeNull();
    const [run] = some.target.state.runs.values();
    expect(run?.state).toBe('complete');
    expect(run?.doubts.map(({ en }) => en)).toEqual([
      expect.stringContaining('are not in the target any more'),
    ]);
  });

  it('what it holds of rows', async () => {
    const { ended } = await runGuarded(withTransaction(() => ({ digestRows: () => Promise.resolve([]) })));
    expect(ended).toMatchObject(fault(/it does not tell of each what it holds$/));
  });

  it('a run that it says has begun, and does not know afterwards', async () => {
    const begin = () => Promise.resolve({ kind: 'begun', epoch: 5, base: null } as const);
    const { ended } = await runGuarded(withLedger(() => ({ begin })));
    expect(ended).toMatchObject(fault(/its ledger says that epoch 5 of .* has begun, and does not know it/));
  });

  it.each([undefined, { kind: 'fine' }, { kind: 'begun', epoch: 0, base: null }])(
    'how a run begins: %j',
    async (answer) => {
      const { ended } = await runGuarded(
        withLedger(() => ({ begin: () => Promise.resolve(answer as never) })),
      );
      expect(ended).toMatchObject(fault(/^@acme\/x, beginning a run: /));
    },
  );

  it('a position that it moved, and forgot', async () => {
    const target = createMemoryTarget();
    const forgets = withStore((store) => ({
      transaction: async (work) => {
        const result = await store.transaction(work);
        for (const [key, partition] of target.state.partitions)
          target.state.partitions.set(key, { ...partition, next: 0 });
        return result;
      },
    }));
    const plugin = guardPlugin(forgets(createMemorySink(target), target), '@acme/x') as SinkPlugin;
    await target.openLedger().begin({ job: 'j', taskId: 't', digest: '', mode: 'full', byHand: false });
    const key = { job: 'j', epoch: 1 };
    const stop = new AbortController().signal;
    const [one, other] = [await plugin.openStore({}, stop), await plugin.openStore({}, stop)];
    const partition = { topic: 't', partition: 0 };
    await one.transaction((tx) => tx.addPartition(key, { ...partition, next: 0, logIncarnation: 'l' }));
    const move = (store: SinkStore, from: number) =>
      store.transaction((tx) => tx.movePartition(key, { ...partition, from, to: from + 10 }));
    expect(await move(one, 0)).toBe(true);
    // The other writer of the task knows it, too.
    await expect(move(other, 10)).rejects.toMatchObject(
      fault('@acme/x, moving a position: its ledger has forgotten it: t/0 of j was kept at 10, and is at 0'),
    );
  });

  it('a run that it says is complete, and does not know afterwards', async () => {
    const { ended } = await runGuarded(withTransaction(() => ({ completeRun: () => Promise.resolve(true) })));
    expect(ended).toMatchObject(fault(/is complete, and does not know it afterwards$/));
  });

  it('a transaction that it says is committed, and never did', async () => {
    const { ended } = await runGuarded(
      withStore(() => ({ transaction: () => Promise.resolve(null as never) })),
    );
    expect(ended).toMatchObject(fault(/it says that it is committed, and never did what belongs into it$/));
  });

  it('a transaction that it committed although its work failed', async () => {
    const swallows = withStore((store) => ({
      transaction: (work) => store.transaction(work).catch(() => null as never),
    }));
    const broken = withTransaction(() => ({ writeRows: boom }));
    const { ended } = await runGuarded((sink, target) => swallows(broken(sink, target), target));
    expect(ended).toMatchObject(fault(/it was committed although its work failed: .*boom/));
  });
});
