// A target file that somebody else removes, cuts or writes to between two runs.
import { appendFile, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSink } from '../../../connectors/file/sink-connector.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { SinkStore } from '../../../src/core/connector/sink-store.ts';
import type { TargetLedger } from '../../../src/core/ledger/ledger.ts';
import { batchOf, noSignal, requestOf } from '../../conformance/sink-bed.ts';

const oneField: RowSchema = {
  fields: [{ name: 'line', type: { kind: 'string', length: 0 }, optional: true }],
  key: [],
};
const key = { job: 'j', epoch: 2 };
const planOf = (from: string | null) => ({ id: 'p', splits: 1, window: { from, to: '60' }, detail: '{}' });

let folder: string;
let target: string;
let ledger: TargetLedger;
let store: SinkStore;
const openStore = async (): Promise<SinkStore> => {
  const opened = await createFileSink(folder).openStore({ file: 'out/rows.txt' }, noSignal);
  await opened.prepareTable(oneField);
  return opened;
};
const content = (): Promise<string> => readFile(target, 'utf8').catch(() => '');
const write = (line: string): Promise<unknown> => store.transaction((tx) => tx.writeRows(batchOf([[line]])));

describe.each([
  ['removed', () => rm(target), ''],
  ['cut', () => truncate(target, 4), 'eins'],
  ['written to', () => appendFile(target, 'foreign\n'), 'eins\nzwei\nforeign\n'],
])('a file that somebody else has %s between two runs', (_, change, left) => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syncline-sink-'));
    target = join(folder, 'out/rows.txt');
    ledger = await createFileSink(folder).openLedger({ file: 'out/rows.txt' });
    store = await openStore();
    await ledger.begin(requestOf('j', 't1'));
    await write('eins');
    await write('zwei');
    await change();
    await ledger.begin(requestOf('j', 't2'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each(['the process that wrote last', 'another one'])(
    'fails an increment of %s, also one without rows',
    async (who) => {
      if (who === 'another one') store = await openStore();
      await expect(store.transaction((tx) => tx.setPlan(key, planOf('50')))).rejects.toMatchObject({
        code: 'TARGET_CHANGED',
      });
      expect(await content()).toBe(left);
    },
  );

  it('fails a run that it meets, at its end at the latest', async () => {
    await expect(store.transaction((tx) => tx.completeRun(key, '60'))).rejects.toMatchObject({
      code: 'TARGET_CHANGED',
    });
  });

  it('is written to by a full run, behind what is left', async () => {
    await store.transaction((tx) => tx.setPlan(key, planOf(null)));
    await write('eins');
    await write('zwei');
    expect(await content()).toBe(`${left}eins\nzwei\n`);
    expect(await store.transaction((tx) => tx.completeRun(key, '60'))).toBe(true);
  });
});

describe.each([
  ['emptied', () => truncate(target, 0)],
  ['removed', () => rm(target)],
])('a file that somebody else has %s after a run that wrote all at once', (_, change) => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syncline-sink-'));
    target = join(folder, 'out/rows.txt');
    ledger = await createFileSink(folder).openLedger({ file: 'out/rows.txt' });
    store = await openStore();
    await ledger.begin(requestOf('j', 't1'));
    await store.transaction(async (tx) => {
      const first = { job: 'j', epoch: 1 };
      await tx.setPlan(first, planOf(null));
      await tx.writeRows(batchOf([['eins']]));
      await tx.completeRun(first, '50');
    });
    expect(await content()).toBe('eins\n');
    await change();
    store = await openStore();
    await (await createFileSink(folder).openLedger({ file: 'out/rows.txt' })).begin(requestOf('j', 't2'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('fails an increment, and is not filled again', async () => {
    await expect(store.transaction((tx) => tx.setPlan(key, planOf('50')))).rejects.toMatchObject({
      code: 'TARGET_CHANGED',
    });
    expect(await content()).toBe('');
  });

  it('has the lines of a full run alone', async () => {
    await store.transaction(async (tx) => {
      await tx.setPlan(key, planOf(null));
      await tx.writeRows(batchOf([['zwei']]));
    });
    expect(await content()).toBe('zwei\n');
  });
});
