// What every SQL target does with write.mode=0: a table is loaded beside the target and takes its place when the run is complete; whoever
// reads sees all of the old rows or all of the new ones, wherever a run is broken off.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { leftoversOf } from '../../connectors/sql/target/aside/aside-names.ts';
import { english } from '../support/english.ts';
import { arm, deathAt, type Deaths } from '../support/dying-session.ts';
import { joinAsideRun, openAsideRun, type AsideAsked, type AsideRun } from '../support/aside-run.ts';
import { failureOf } from '../support/sync-failure.ts';
import { newTableName, noSignal, pairs, requestOf, type SinkBed } from './sink-bed.ts';

export interface AsideBed extends SinkBed {
  /** The plugin, whose sessions die. */
  dyingPlugin(deaths: Deaths): SinkBed['plugin'];
  /** Makes the sink's user the owner of a table, where tables have one. */
  own(table: string): Promise<void>;
  /** Names of all tables. */
  tables(): Promise<readonly string[]>;
}

type Batches = readonly (readonly (readonly [string, string])[])[];

interface Desk {
  readonly bed: AsideBed;
  readonly table: string;
  readonly job: string;
  readonly config: ConnectorConfig;
  readonly run: (taskId: string, more?: Partial<AsideAsked>) => Promise<AsideRun>;
  readonly abort: (taskId: string) => Promise<unknown>;
  readonly rows: () => Promise<readonly string[]>;
  readonly beside: () => Promise<readonly string[]>;
}

const old = ['a=1', 'b=1', 'c=1'];
const oldRows: Batches = [
  [
    ['a', '1'],
    ['b', '1'],
    ['c', '1'],
  ],
];
const fresh = ['b=2', 'd=2', 'e=2'];
const firstRows: Batches[number] = [
  ['b', '2'],
  ['d', '2'],
];
const lastRows: Batches[number] = [['e', '2']];
const freshRows: Batches = [firstRows, lastRows];

let desks = 0;

/** A target that a run has filled with the old rows. */
async function openDesk(bed: AsideBed, table: string): Promise<Desk> {
  const config = bed.configOf(table, { 'write.mode': '0' });
  desks += 1;
  const job = `job ${desks} of ${table}`;
  const asked = { plugin: bed.plugin, config, job };
  const desk: Desk = {
    bed,
    table,
    job,
    config,
    run: (taskId, more = {}) => openAsideRun({ ...asked, taskId, ...more }),
    abort: async (taskId) => {
      const ledger = await bed.plugin.openLedger(config);
      return ledger.abort({ job, taskId }).finally(() => ledger.close());
    },
    rows: async () =>
      (await bed.readRows(table, ['id', 'value'])).map(([id, value]) => `${id ?? ''}=${value ?? ''}`),
    beside: async () => leftoversOf(job, await bed.tables()).map(({ name }) => name),
  };
  await bed.execute(
    `CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(64) DEFAULT 'none')`,
  );
  await bed.own(table);
  await fill(desk, 'before', oldRows);
  expect(await desk.rows()).toEqual(old);
  return desk;
}

async function fill(desk: Desk, taskId: string, rows: Batches): Promise<void> {
  const run = await desk.run(taskId);
  await run.load(...rows);
  await run.end();
  expect(run.isComplete()).toBe(true);
  await run.close();
}

async function look(desk: Desk, taskId: string) {
  const ledger = await desk.bed.plugin.openLedger(desk.config);
  try {
    const found = await ledger.readRun(desk.job, taskId);
    return { state: found?.state, doubts: english(found?.doubts), trust: await ledger.readTrust(desk.job) };
  } finally {
    await ledger.close();
  }
}

export function describeAside(name: string, openBed: () => Promise<AsideBed>): void {
  describe(`a table loaded beside a target in ${name}`, () => {
    let bed: AsideBed;
    beforeAll(async () => {
      bed = await openBed();
    });
    afterAll(() => bed.close());
    const open = (): Promise<Desk> => openDesk(bed, newTableName());
    describeSwap(open);
    describeFailures(open);
    describeOthers(open);
    describeDeaths(open);
  });
}

function describeSwap(open: () => Promise<Desk>): void {
  it('the old rows stay to be read until the run is complete, then all are the new ones', async () => {
    const desk = await open();
    const run = await desk.run('next');
    for (const batch of freshRows) {
      await run.load(batch);
      expect(await desk.rows()).toEqual(old);
      expect((await look(desk, 'next')).state).toBe('running');
    }
    await run.end();
    expect(await desk.rows()).toEqual(fresh);
    expect(await look(desk, 'next')).toMatchObject({ state: 'complete', doubts: [] });
    expect(await desk.beside()).toEqual([]);
    await run.close();
  });

  it('the table is made like the one before, and known again afterwards', async () => {
    const desk = await open();
    const declared = await describedBy(desk);
    await fill(desk, 'next', freshRows);
    expect(await describedBy(desk)).toEqual(declared);
    const { trust } = await look(desk, 'next');
    const store = await desk.bed.plugin.openStore(desk.bed.configOf(desk.table), noSignal);
    await store.prepareTable(pairs);
    expect(await store.transaction(async (tx) => tx.markTable?.())).toBe(trust?.tableMark);
    expect(trust).toMatchObject({ altered: false, foreign: false, lacking: false, filled: true });
    await store.close();
    // A job that goes over to increments goes on from there, in no doubt.
    const config = desk.bed.configOf(desk.table);
    const increment = await desk.run('increment', { config, from: '9', mode: 'incremental' });
    await increment.load([['z', '3']]);
    await increment.end();
    expect(await desk.rows()).toEqual([...fresh, 'z=3']);
    expect((await look(desk, 'increment')).doubts).toEqual([]);
    await increment.close();
  });

  it('a run without rows leaves a table without rows', async () => {
    const desk = await open();
    await fill(desk, 'next', [[]]);
    expect(await desk.rows()).toEqual([]);
  });

  it('a run that reads only what changed is refused, and the target is as it was', async () => {
    const desk = await open();
    const run = await desk.run('next', { from: '5' });
    const error = await failureOf(run.load(...freshRows));
    expect(error).toMatchObject({ code: 'BAD_INPUT', field: 'write.mode' });
    await run.close();
    await desk.abort('next');
    expect(await desk.rows()).toEqual(old);
    expect(await desk.beside()).toEqual([]);
  });
}

/** Columns, keys and indexes, as the target's connector sees them. */
async function describedBy(desk: Desk): Promise<unknown> {
  const store = await desk.bed.plugin.openStore(desk.bed.configOf(desk.table), noSignal);
  // Another table has another mark.
  const { mark, ...ready } = await store.prepareTable(pairs);
  expect(mark).toBeTypeOf('string');
  await store.close();
  return ready;
}

function describeFailures(open: () => Promise<Desk>): void {
  it('a run that is aborted leaves the target as it was, and nothing beside it', async () => {
    const desk = await open();
    const before = await look(desk, 'before');
    const run = await desk.run('next');
    await run.load(...freshRows);
    expect(await desk.beside()).toHaveLength(1);
    await run.close();
    expect(await desk.abort('next')).toMatchObject({ kind: 'aborted' });
    expect(await desk.rows()).toEqual(old);
    expect(await desk.beside()).toEqual([]);
    expect((await look(desk, 'next')).trust).toEqual(before.trust);
  });

  it('what a run left behind that nobody aborted goes when the next one begins', async () => {
    const desk = await open();
    const run = await desk.run('lost');
    await run.load(...freshRows);
    await run.close();
    const [left] = await desk.beside();
    const next = await desk.run('next');
    expect(await desk.beside()).toEqual([expect.not.stringMatching(left ?? 'none')]);
    await next.load(...freshRows);
    await next.end();
    expect(await desk.rows()).toEqual(fresh);
    expect(await desk.beside()).toEqual([]);
    await next.close();
  });

  it('a task that is started again goes on in the table that is there', async () => {
    const desk = await open();
    const run = await desk.run('next');
    await run.load(firstRows);
    await run.close();
    const again = await desk.run('next');
    await again.load(lastRows);
    expect(await desk.rows()).toEqual(old);
    await again.end();
    expect(await desk.rows()).toEqual(fresh);
    expect((await look(desk, 'next')).doubts).toEqual([]);
    await again.close();
  });

  it('a task of a run that another one followed reaches neither the target nor the table of the other', async () => {
    const desk = await open();
    const late = await desk.run('late');
    await late.load(firstRows);
    const next = await desk.run('next');
    await next.load(...freshRows);
    expect(await failureOf(late.end())).toMatchObject({ code: 'FENCED' });
    const asked = { plugin: desk.bed.plugin, config: desk.config, job: desk.job, taskId: 'late' };
    expect(await failureOf(joinAsideRun(asked, late.key))).toMatchObject({ code: 'FENCED' });
    await late.store.finishSwap?.(late.key).catch(() => undefined);
    expect(await desk.rows()).toEqual(old);
    await next.end();
    expect(await desk.rows()).toEqual(fresh);
    await Promise.all([late.close(), next.close()]);
  });
}

function describeOthers(open: () => Promise<Desk>): void {
  it('half a table never takes the place of a whole one: rows, or the table itself, that are gone fail the run', async () => {
    for (const harm of ['DELETE FROM', 'DROP TABLE']) {
      const desk = await open();
      const run = await desk.run('next');
      await run.load(firstRows);
      const [beside] = await desk.beside();
      await desk.bed.execute(`${harm} ${beside ?? ''}`);
      const outcome = run.load(lastRows).then(() => run.end());
      expect((await failureOf(outcome)).code).toMatch(/^TARGET_/);
      await run.close();
      const again = desk.run('next').then(async (task) => {
        await task.end().finally(() => task.close());
      });
      expect(await failureOf(again)).toMatchObject({ code: 'TARGET_CHANGED' });
      await desk.abort('next');
      expect(await desk.rows()).toEqual(old);
    }
  });

  it('a target that somebody alters during the run keeps what was altered, and its rows', async () => {
    const desk = await open();
    const run = await desk.run('next');
    await run.load(...freshRows);
    await desk.bed.execute(`ALTER TABLE ${desk.table} ADD COLUMN more INTEGER`);
    expect(await failureOf(run.end())).toMatchObject({ code: 'TARGET_CHANGED' });
    await run.close();
    await desk.abort('next');
    expect(await desk.rows()).toEqual(old);
    expect(await desk.bed.readRows(desk.table, ['id', 'more'])).toHaveLength(3);
    await fill(desk, 'then', freshRows);
    expect(await desk.bed.readRows(desk.table, ['id', 'more'])).toHaveLength(3);
  });

  it('another job on the same target is refused', async () => {
    const desk = await open();
    const ledger = await desk.bed.plugin.openLedger(desk.config);
    expect(await ledger.begin(requestOf(`other ${desk.job}`, 'x'))).toEqual({
      kind: 'table-taken',
      by: desk.job,
    });
    await ledger.close();
  });

  it('a job that is deleted leaves no table beside its target', async () => {
    const desk = await open();
    const run = await desk.run('next');
    await run.load(...freshRows);
    await run.close();
    const ledger = await desk.bed.plugin.openLedger(desk.config);
    await ledger.remove(desk.job);
    await ledger.close();
    expect(await desk.beside()).toEqual([]);
    expect(await desk.rows()).toEqual(old);
  });
}

const ways = ['restart', 'abort', 'begin'] as const;
const side = 6;

function describeDeaths(open: () => Promise<Desk>): void {
  it('wherever the connection breaks while a run ends, what there is then is whole, and what comes next goes on from it', async () => {
    const met = new Set<string>();
    let next = 0;
    let last = Number.POSITIVE_INFINITY;
    const walk = async (): Promise<void> => {
      for (let turn = next++; Math.floor(turn / 2) + 1 <= last; turn = next++) {
        const deaths = deathAt(Math.floor(turn / 2) + 1, turn % 2 === 0 ? 'before' : 'after');
        const way = ways[Math.floor(turn / 2) % ways.length] ?? 'restart';
        const died = await dieAndGoOn(await open(), deaths, way);
        if (died === null) last = Math.min(last, deaths.at - 1);
        else met.add(died.split(' ')[0] ?? '');
      }
    };
    await Promise.all(Array.from({ length: side }, walk));
    expect(last).toBeGreaterThan(8);
    expect([...met].sort()).toEqual(['begin', 'change', 'command', 'commit']);
  }, 300_000);
}

/** What it died at; null: the run came to its end before. */
async function dieAndGoOn(desk: Desk, deaths: Deaths, way: (typeof ways)[number]): Promise<string | null> {
  const run = await desk.run('next', { plugin: desk.bed.dyingPlugin(deaths) });
  await run.load(...freshRows);
  arm(deaths);
  const where = `${way} ${deaths.when} ${deaths.at}`;
  const failed = await run.end().then(
    () => false,
    () => true,
  );
  if (deaths.died === null) expect([where, failed]).toEqual([where, false]);
  const seen = `${where} ${deaths.died ?? ''}`;
  await run.close();
  await expectWhole(desk, seen);
  if (way === 'restart') await goOn(desk, seen);
  else if (way === 'abort') await desk.abort('next');
  const { state } = await look(desk, 'next');
  if (way !== 'begin') {
    expect([seen, state]).toEqual([seen, way === 'restart' || state === 'complete' ? 'complete' : 'aborted']);
    expect([seen, await desk.rows()]).toEqual([seen, state === 'complete' ? fresh : old]);
  }
  const after = await desk.run('after');
  const ended = (await look(desk, 'next')).state;
  expect([seen, await desk.rows()]).toEqual([seen, ended === 'complete' ? fresh : old]);
  await after.load(...oldRows);
  await after.end();
  expect([seen, await desk.rows(), (await look(desk, 'after')).doubts]).toEqual([seen, old, []]);
  await after.close();
  expect([seen, await desk.beside()]).toEqual([seen, []]);
  return deaths.died;
}

async function goOn(desk: Desk, seen: string): Promise<void> {
  const task = await desk.run('next');
  if (!task.isComplete()) await task.end();
  expect([seen, task.isComplete()]).toEqual([seen, true]);
  await task.close();
}

async function expectWhole(desk: Desk, seen: string): Promise<void> {
  const rows = (await desk.rows()).join();
  expect([seen, [old.join(), fresh.join()].includes(rows)]).toEqual([seen, true]);
  if ((await look(desk, 'next')).state === 'complete') expect([seen, rows]).toEqual([seen, fresh.join()]);
}
