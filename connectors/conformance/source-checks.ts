// What every source must do, whoever wrote it: `for (const { name, run } of sourceChecks(openBed)) test(name, run)`, with any test runner.
import assert from 'node:assert/strict';
import { systemClock } from '../../src/core/clock.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { PlanRequest, SourcePlan, SourcePlugin, SourceTask } from '../../src/core/connector/contract.ts';
import { isPosition } from '../../src/core/position.ts';
import type { Position } from '../../src/core/position.ts';
import { onOwnBeds, type Check, type CheckOn } from './check.ts';
import { answered, checkConfig, checkIdentity, noSignal, settled } from './plugin-checks.ts';
import { RowRecorder } from './row-recorder.ts';

/** A place of its own with rows to read, made for one check. */
export interface SourceBed {
  readonly plugin: SourcePlugin;
  /** A whole configuration that reads the bed's rows; there are some. */
  readonly config: ConnectorConfig;
  /** The key's values of every row that is there, each as text, joined by `,`. */
  keys(): Promise<readonly string[]> | readonly string[];
  /** Changes one row and adds one, so that an increment finds both; their keys. Absent: the source has no increments. */
  change?(): Promise<readonly string[]>;
  /** Milliseconds that the window has to stay behind; 0 where the bed's clock gives each change a time of its own. */
  readonly lagMs?: number;
  /** From now on the place can't be reached. Absent: it always can. */
  takeAway?(): Promise<void>;
  close(): Promise<void>;
}

export function sourceChecks(openBed: () => Promise<SourceBed>): readonly Check[] {
  return onOwnBeds(checks, openBed);
}

const checks: readonly CheckOn<SourceBed>[] = [
  { name: 'its configuration is checked without being asked twice', act: checkConfig },
  { name: 'its identity and topic are always the same, and hold no secret', act: checkTopic },
  { name: 'a full read gives every row once, with the values of its schema', act: checkFullRead },
  { name: 'a split that is read again gives the same rows', act: checkAgain },
  { name: 'an increment gives what was changed, and the next one nothing else', act: checkIncrement },
  { name: 'its positions are read as they are printed, and ordered', act: checkPositions },
  { name: 'a task that is stopped ends', act: checkStop },
  { name: 'a place that is away is told in words', act: checkAway },
];

function checkTopic({ plugin, config }: SourceBed): void {
  checkIdentity({ plugin, config });
  assert.match(plugin.topicOf(config), /^[A-Za-z0-9._-]{1,249}$/, 'its topic is a name that Kafka takes');
}

async function checkFullRead(bed: SourceBed): Promise<void> {
  await withTask(bed, async (task) => {
    const plan = await planOf(bed, task, { base: null, mode: 'full' });
    assert.equal(plan.window.from, null, 'a full read has no lower bound');
    const read = await readAll(task, plan);
    assert.deepEqual(read.keys.sort(), [...(await bed.keys())].sort(), 'every row once, by its key');
    const { rows, exact } = plan.predicted;
    if (exact) assert.equal(rows, read.rows, 'predicted exactly, read as many');
  });
}

async function checkAgain(bed: SourceBed): Promise<void> {
  await withTask(bed, async (task) => {
    const plan = await planOf(bed, task, { base: null, mode: 'full' });
    const first = await readAll(task, plan);
    assert.deepEqual((await readAll(task, plan)).keys.sort(), first.keys.sort());
    // Another task reads the plan that the worker kept as text.
    await withTask(bed, async (other) => {
      const kept = JSON.parse(JSON.stringify(plan)) as SourcePlan;
      assert.deepEqual((await readAll(other, kept)).keys.sort(), first.keys.sort());
    });
  });
}

async function checkIncrement(bed: SourceBed): Promise<void> {
  if (bed.change === undefined) {
    assert.notEqual(bed.plugin.fullOnly, undefined, 'a source without increments says why: fullOnly');
    return;
  }
  const plan = async (base: Position | null) => {
    const request = { base, mode: base === null ? 'full' : 'incremental' } as const;
    return withTask(bed, async (task) => {
      const made = await planOf(bed, task, request);
      return { plan: made, read: await readAll(task, made) };
    });
  };
  const full = await plan(null);
  const { to } = full.plan.window;
  assert.notEqual(to, null, 'a full read leaves the position where the next increment begins');
  const changed = [...(await bed.change())].sort();
  const increment = await plan(to);
  assert.equal(increment.plan.window.from, to, 'an increment begins at the position of before');
  for (const key of changed) assert.ok(increment.read.keys.includes(key), `the changed row ${key} is found`);
  const next = await plan(increment.plan.window.to);
  const strange = next.read.keys.filter(
    (key) => !changed.includes(key) && !increment.read.keys.includes(key),
  );
  assert.deepEqual(strange, [], 'what did not change is not read again');
}

async function checkPositions(bed: SourceBed): Promise<void> {
  const positions = bed.plugin.positions?.(bed.config);
  if (positions === undefined) return;
  await withTask(bed, async (task) => {
    const { to } = (await planOf(bed, task, { base: null, mode: 'full' })).window;
    if (to === null) return;
    assert.equal(positions.read(to, Date.now()), to, 'a position that it gave is read as itself');
    assert.equal(positions.compare(to, to), 0, 'a position is the same as itself');
  });
  for (const text of ['no position at all', '\u0000'])
    assert.throws(() => positions.read(text, Date.now()), { code: 'BAD_INPUT' }, 'other text is refused');
}

async function checkStop(bed: SourceBed): Promise<void> {
  const stop = new AbortController();
  const opening = { config: bed.config, signal: stop.signal, slots: noLimits, clock: systemClock };
  const task = await answered('opening', bed.plugin.openTask(opening));
  const plan = await planOf(bed, task, { base: null, mode: 'full' });
  stop.abort(new Error('stopped'));
  for (const split of plan.splits) {
    const out = new RowRecorder(plan);
    // Read to its end or given up: both are an end.
    await answered(
      'reading after the stop',
      settled(task.readSplit({ plan, split, out, signal: stop.signal })),
    );
    out.closed = true;
  }
  await answered('closing', task.close());
}

async function checkAway(bed: SourceBed): Promise<void> {
  if (bed.takeAway === undefined) return;
  await bed.takeAway();
  const steps = await answered('testing the connection', bed.plugin.testConnection(bed.config, noSignal));
  const failure = await settled(
    withTask(bed, async (task) => readAll(task, await planOf(bed, task, { base: null, mode: 'full' }))),
  );
  assert.ok(failure instanceof Error, 'planning or reading fails');
  assert.ok(
    'code' in failure && failure.code !== 'INTERNAL',
    `it fails in words, not with ${String(failure)}`,
  );
  assert.ok(steps.length > 0, 'the connection test says what it did');
}

const noLimits = { run: <T>(_request: unknown, _signal: AbortSignal, work: () => Promise<T>) => work() };

async function withTask<T>(bed: SourceBed, act: (task: SourceTask) => Promise<T>): Promise<T> {
  const opening = { config: bed.config, signal: noSignal, slots: noLimits, clock: systemClock };
  const task = await answered('opening', bed.plugin.openTask(opening));
  try {
    return await act(task);
  } finally {
    await answered('closing', task.close());
  }
}

async function planOf(
  { lagMs = 0 }: SourceBed,
  task: SourceTask,
  request: Pick<PlanRequest, 'base' | 'mode'>,
): Promise<SourcePlan> {
  const plan = await answered('planning', task.plan({ ...request, lagMs }));
  const { window, schema, splits, shared, predicted } = plan;
  for (const position of [window.from, window.to])
    assert.ok(position === null || isPosition(position), `a position is plain text: ${String(position)}`);
  const names = schema.fields.map(({ name }) => name);
  assert.ok(names.length > 0 && new Set(names).size === names.length, 'fields have names of their own');
  assert.ok(
    schema.key.every((name) => names.includes(name)),
    'the key is made of fields',
  );
  assert.ok(splits.length > 0, 'there is at least one split');
  assert.ok(
    [shared, ...splits].every((text) => !text.includes('\n')),
    'splits are texts of one line',
  );
  const { rows } = predicted;
  assert.ok(
    rows === null || (Number.isInteger(rows) && rows >= 0),
    'rows are predicted as a number or unknown',
  );
  return plan;
}

async function readAll(task: SourceTask, plan: SourcePlan): Promise<{ keys: string[]; rows: number }> {
  const keys: string[] = [];
  let rows = 0;
  const key = plan.schema.key.map((name) => plan.schema.fields.findIndex((field) => field.name === name));
  for (const split of plan.splits) {
    const out = new RowRecorder(plan);
    await answered('reading', task.readSplit({ plan, split, out, signal: noSignal }));
    out.closed = true;
    rows += out.rows.length + out.dirtyRows.length + out.filteredRows;
    for (const { values } of out.rows) keys.push(key.map((at) => values[at]).join(','));
  }
  return { keys, rows };
}
