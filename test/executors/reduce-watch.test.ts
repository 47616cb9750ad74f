// The watcher's conclusions as data: one input after the other, no clock, no I/O.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shapeOf } from '../../src/core/errors.ts';
import type { LedgerRun } from '../../src/core/ledger/ledger.ts';
import { noCounts } from '../../src/core/status.ts';
import type { StatusDetail, StatusMessage } from '../../src/core/status.ts';
import type { ConnectorPoll, ConnectorsPoll } from '../../executors/watch/poll-connectors.ts';
import { reduceWatch } from '../../executors/watch/reduce-watch.ts';
import type { Step, WatchInput, WatchRules, WatchState } from '../../executors/watch/watch-state.ts';
import { startWatch } from '../../executors/watch/watch-state.ts';
import { sameInBoth } from '../../src/core/text.ts';

const rules: WatchRules = {
  runId: 'run-1',
  jobId: 'job-1',
  epoch: 5,
  names: { source: 'the-source', sink: 'the-sink' },
  logKind: 'kafka',
  startMs: 60_000,
  stallMs: 300_000,
  timeoutMs: 3_600_000,
};
const fresh = startWatch({ startedAt: 0, resumedAt: 1_000, incarnation: 'worker-1', report: null });

function message(
  side: 'source' | 'sink',
  stage: StatusMessage['stage'],
  detail: Partial<StatusDetail> = {},
): StatusMessage {
  return {
    connectorName: `the-${side}`,
    taskId: 'run-1',
    stage,
    description: '10',
    syncline: {
      side,
      job: 'job-1',
      epoch: 5,
      at: 0,
      repeat: false,
      predicted: { rows: null, exact: false },
      counts: noCounts,
      ...detail,
    },
  };
}

function foreign(connectorName: string, stage: StatusMessage['stage'], description: string): StatusMessage {
  return { connectorName, taskId: 'run-1', stage, description };
}

const heard = (status: StatusMessage, at = 2_000): WatchInput => ({ kind: 'status', at, status });

function run(inputs: readonly WatchInput[], from: WatchState = fresh, by: WatchRules = rules): Step {
  let step: Step = { state: from, actions: [] };
  for (const input of inputs) step = reduceWatch(by, step.state, input);
  return step;
}

function ticks(from: number, to: number): WatchInput[] {
  const count = Math.floor((to - from) / 1_000) + 1;
  return Array.from({ length: count }, (_, index) => ({ kind: 'tick', at: from + index * 1_000 }));
}

function ledgerRun(state: LedgerRun['state']): LedgerRun {
  return {
    job: 'job-1',
    epoch: 5,
    taskId: 'run-1',
    state,
    base: null,
    plan: null,
    counts: noCounts,
    doubts: [],
  };
}

const fine: ConnectorPoll = { exists: true, taskId: 'run-1', state: 'RUNNING', failure: null };
const polled = (change: Partial<ConnectorsPoll> = {}): WatchInput => ({
  kind: 'poll',
  at: 5_000,
  poll: { incarnation: 'worker-1', source: fine, sink: fine, ...change },
});

describe('a status', () => {
  test('of another run, another job or an older epoch changes nothing', () => {
    const others = [
      { ...message('sink', 'error'), taskId: 'run-0' },
      message('sink', 'error', { job: 'job-2' }),
      message('sink', 'error', { epoch: 4 }),
    ];
    for (const other of others) expect(run([heard(other)]).state).toBe(fresh);
  });

  test('of an earlier stage that comes late does not turn a side back', () => {
    const { state } = run([heard(message('source', 'end')), heard(message('source', 'start'))]);
    expect(state.source.stage).toBe('end');
  });

  test('with older numbers that comes late does not turn the numbers back', () => {
    const { state } = run([
      heard(message('sink', 'processing', { at: 20, counts: { ...noCounts, written: 200 } })),
      heard(message('sink', 'processing', { at: 10, counts: { ...noCounts, written: 100 } })),
    ]);
    expect(state.counts.written).toBe(200);
  });

  test('brings the notes of its side as they stand now, instead of those before', () => {
    const { state } = run([
      heard(
        message('source', 'processing', {
          notes: [sameInBoth('full read'), sameInBoth('filtered (vanished): 3')],
        }),
      ),
      heard(message('sink', 'processing', { notes: [sameInBoth('staging table')] })),
      heard(
        message('source', 'processing', {
          notes: [sameInBoth('full read'), sameInBoth('filtered (vanished): 5')],
        }),
      ),
      heard(message('sink', 'end')),
    ]);
    expect(state.notes).toEqual({
      source: [sameInBoth('full read'), sameInBoth('filtered (vanished): 5')],
      sink: [sameInBoth('staging table')],
    });
  });

  test('that says start after signs of life while the source plans brings its line still', () => {
    const planning = run([heard(message('source', 'processing'))]);
    const started = run(
      [heard(message('source', 'start', { predicted: { rows: 7, exact: false } }))],
      planning.state,
    );
    expect([...planning.actions, ...started.actions]).toEqual([
      { kind: 'say', level: 'info', line: 'source: processing' },
      { kind: 'say', level: 'info', line: 'source: start, ≈7 rows predicted' },
    ]);
    expect(started.state.source.stage).toBe('processing');
  });

  test('that is repeated says nothing twice in the log', () => {
    const once = run([heard(message('source', 'start'))]);
    expect(once.actions).toHaveLength(1);
    expect(run([heard(message('source', 'start', { repeat: true }))], once.state).actions).toEqual([]);
  });

  test('of each side brings the numbers that this side knows', () => {
    const { state } = run([
      heard(
        message('source', 'processing', {
          counts: { ...noCounts, read: 9, emitted: 8, nulled: 3, written: 99 },
        }),
      ),
      heard(message('sink', 'processing', { counts: { ...noCounts, written: 7, read: 99, dirty: 1 } })),
    ]);
    expect(state.counts).toEqual({
      read: 9,
      filtered: null,
      emitted: 8,
      written: 7,
      dirty: 1,
      nulled: 3,
      deleted: null,
      removed: null,
      skipped: null,
    });
  });

  test('end of a sink with a ledger makes the executor look into it', () => {
    const { state, actions } = run([heard(message('sink', 'end'))]);
    expect(state.verdict).toBeNull();
    expect(actions).toContainEqual({ kind: 'look' });
  });

  test('end of the source decides nothing', () => {
    const { state, actions } = run([heard(message('source', 'end'))]);
    expect(state.verdict).toBeNull();
    expect(actions.map(({ kind }) => kind)).toEqual(['say']);
  });

  test('of the five fields is told apart by the connector name', () => {
    const { state } = run([
      heard(foreign('the-source', 'start', '77')),
      heard(foreign('the-sink', 'processing', '')),
    ]);
    expect([state.source.stage, state.sink.stage]).toEqual(['start', 'processing']);
    expect(state.predicted).toEqual({ rows: 77, exact: false });
  });

  test('of an unknown speaker moves the run, but its end ends neither side', () => {
    const started = run([heard(foreign('somebody', 'start', 'unknown'))]);
    expect([started.state.source.stage, started.state.sink.stage]).toEqual(['start', 'start']);
    const ended = run([heard(foreign('somebody', 'end', '3'))], started.state, { ...rules, epoch: null });
    expect(ended.state.verdict).toBeNull();
    expect(ended.state.sink.stage).toBe('start');
  });

  test('error that is a fence supersedes the run', () => {
    const { state } = run([heard(message('sink', 'error', { error: shapeOf('FENCED', 'zombie') }))]);
    expect(state.verdict).toMatchObject({ kind: 'broken', state: 'superseded' });
  });
});

describe('the ledger', () => {
  test.each([
    ['complete', { kind: 'complete' }],
    ['aborted', { kind: 'broken', state: 'superseded' }],
  ] as const)('that shows the run %s ends it', (state, verdict) => {
    expect(run([{ kind: 'ledger', at: 9_000, run: ledgerRun(state) }]).state.verdict).toMatchObject(verdict);
  });

  test('that shows the run going lets it go on', () => {
    expect(run([{ kind: 'ledger', at: 9_000, run: ledgerRun('running') }]).state.verdict).toBeNull();
  });
});

describe('a poll', () => {
  test('that misses a connector once is forgiven', () => {
    const gone: ConnectorPoll = { exists: false, taskId: null, state: null, failure: null };
    expect(run([polled({ sink: gone }), polled(), polled({ sink: gone })]).state.verdict).toBeNull();
    expect(run([polled({ sink: gone }), polled({ sink: gone })]).state.verdict).not.toBeNull();
  });

  test('that finds a paused connector leaves it to whoever paused it', () => {
    expect(run([polled({ sink: { ...fine, state: 'PAUSED' } })]).actions).toEqual([]);
  });

  test('that finds a connector stopped resumes it a few times, not for ever', () => {
    const stopped = polled({ sink: { ...fine, state: 'STOPPED' } });
    const resumes = Array.from({ length: 10 }, (_, index) =>
      run(Array.from({ length: index + 1 }, () => stopped)),
    );
    expect(resumes.filter(({ actions }) => actions.some(({ kind }) => kind === 'resume'))).toHaveLength(5);
  });

  test('that finds the source stopped after its end lets it rest', () => {
    const { actions } = run([
      heard(message('source', 'end')),
      polled({ source: { ...fine, state: 'STOPPED' } }),
    ]);
    expect(actions).toEqual([]);
  });

  test('of a worker that is not ours, and has no incarnation, never finds it restarted', () => {
    const { state, actions } = run([polled({ incarnation: null })]);
    expect(actions).toEqual([]);
    expect(state.incarnation).toBe('worker-1');
  });
});

describe('passing time', () => {
  test('stalls the sink when both sides said end and the ledger stays incomplete', () => {
    const ended = run([heard(message('source', 'end')), heard(message('sink', 'end'))]);
    const { state } = run(ticks(3_000, 303_000), ended.state);
    expect(state.verdict).toMatchObject({ state: 'failed', reason: { code: 'STALLED' } });
  });

  test('that this process slept is not held against the connectors', () => {
    const awake = run([...ticks(2_000, 30_000), { kind: 'tick', at: 90_000 }]);
    expect(awake.state.verdict).toBeNull();
    expect(run(ticks(91_000, 120_000), awake.state).state.verdict).toBeNull();
    expect(run(ticks(91_000, 121_000), awake.state).state.verdict).toMatchObject({
      reason: { code: 'STALLED' },
    });
  });

  test('looks into the ledger when the sink is silent, not oftener than every ten seconds', () => {
    let state = run([heard(message('sink', 'start'))]).state;
    let looks = 0;
    for (let at = 3_000; at < 63_000; at += 1_000) {
      const step = reduceWatch(rules, state, { kind: 'tick', at });
      looks += step.actions.filter(({ kind }) => kind === 'look').length;
      state = step.state;
    }
    expect(looks).toBeGreaterThanOrEqual(5);
    expect(looks).toBeLessThanOrEqual(6);
  });
});

const anyStatus = fc
  .record({
    side: fc.constantFrom('source' as const, 'sink' as const),
    stage: fc.constantFrom('start' as const, 'processing' as const, 'end' as const, 'error' as const),
    epoch: fc.constantFrom(4, 5),
    at: fc.nat(100),
    written: fc.nat(100),
  })
  .map(({ side, stage, epoch, at, written }) =>
    heard(message(side, stage, { epoch, at, counts: { ...noCounts, written } })),
  );
const anyInput: fc.Arbitrary<WatchInput> = fc.oneof(
  { weight: 6, arbitrary: anyStatus },
  fc.constantFrom<WatchInput>(
    polled(),
    polled({ sink: { ...fine, state: 'STOPPED' } }),
    polled({ sink: { ...fine, taskId: 'run-2' } }),
    { kind: 'ledger', at: 3_000, run: ledgerRun('running') },
    { kind: 'ledger', at: 3_000, run: ledgerRun('complete') },
    { kind: 'ledger', at: 3_000, run: null },
    { kind: 'end', reason: shapeOf('CANCELLED', 'cancelled on request') },
    { kind: 'tick', at: 3_000 },
    { kind: 'tick', at: 4_000_000 },
  ),
);

describe('whatever comes, in whatever order', () => {
  test('the first verdict stays, and nothing is done after it', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), (inputs) => {
        let state = fresh;
        for (const input of inputs) {
          const step = reduceWatch(rules, state, input);
          if (state.verdict !== null) {
            expect(step.state).toBe(state);
            expect(step.actions).toEqual([]);
          }
          state = step.state;
        }
      }),
    );
  });

  test('only the ledger makes a run with a ledger succeed', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), (inputs) => {
        const { state } = run(inputs.filter((input) => input.kind !== 'ledger'));
        expect(state.verdict?.kind ?? 'broken').toBe('broken');
      }),
    );
  });

  test('stages never go back, and a lively run without a verdict always gets one from time', () => {
    const ranks = { silent: 0, start: 1, processing: 2, end: 3 };
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), (inputs) => {
        let state = fresh;
        for (const input of inputs) {
          const next = reduceWatch(rules, state, input).state;
          expect(ranks[next.source.stage]).toBeGreaterThanOrEqual(ranks[state.source.stage]);
          expect(ranks[next.sink.stage]).toBeGreaterThanOrEqual(ranks[state.sink.stage]);
          state = next;
        }
        expect(run([{ kind: 'tick', at: rules.timeoutMs }], state).state.verdict).not.toBeNull();
      }),
    );
  });
});
