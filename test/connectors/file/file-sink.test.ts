// The file sink: rows and ledger change together, whoever crashes, sleeps or writes at the same time.
import {
  appendFile,
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileSink } from '../../../connectors/file/sink-connector.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { newSplit } from '../../../src/core/ledger/ledger.ts';
import type { BeginRequest, RunKey, TargetLedger } from '../../../src/core/ledger/ledger.ts';
import { ByteWriter, writeRow } from '../../../src/core/record/row-format.ts';
import type { RowBatch, SinkStore } from '../../../src/core/connector/sink-store.ts';
import { resetTo } from '../../../connectors/conformance/target/run-tools.ts';

const never = new AbortController().signal;
const oneField: RowSchema = {
  fields: [{ name: 'line', type: { kind: 'string', length: 0 }, optional: true }],
  key: [],
};
const begin: BeginRequest = { job: 'j', taskId: 't1', digest: 'd', mode: 'full', byHand: false };
const place = { topic: 't', partition: 0, logIncarnation: 'log' };
const split = newSplit({ split: 0, partition: 0, attempt: 'a' });

function batch(...rows: readonly (readonly (string | Buffer | null)[])[]): RowBatch {
  const out = new ByteWriter();
  for (const row of rows) {
    writeRow(out, row);
    out.ensure(1);
    out.bytes[out.length++] = 0x0a;
  }
  return { bytes: out.bytes.subarray(0, out.length), rows: rows.length };
}

describe('the file sink', () => {
  let folder: string;
  let target: string;
  let ledger: TargetLedger;
  let store: SinkStore;
  const sink = (): ReturnType<typeof createFileSink> => createFileSink(folder);
  const openStore = async (): Promise<SinkStore> => {
    const opened = await sink().openStore({ file: 'out/rows.txt' }, never);
    await opened.prepareTable(oneField);
    return opened;
  };
  const content = (): Promise<string> => readFile(target, 'utf8').catch(() => '');
  const key = (epoch: number): RunKey => ({ job: 'j', epoch });
  const write = (to: SinkStore, lines: readonly string[]): Promise<unknown> =>
    to.transaction((tx) => tx.writeRows(batch(...lines.map((line) => [line]))));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syncline-sink-'));
    target = join(folder, 'out/rows.txt');
    ledger = await sink().openLedger({ file: 'out/rows.txt' });
    store = await openStore();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('knows its file again until another one stands in its place, also one of the same bytes', async () => {
    const mark = async () => {
      await store.prepareTable(oneField);
      return store.transaction(async (tx) => tx.markTable?.());
    };
    const made = await mark();
    expect(made).toBeTypeOf('string');
    await appendFile(target, 'line\n');
    expect(await mark()).toBe(made);
    await copyFile(target, `${target}.copy`);
    await rename(`${target}.copy`, target);
    expect(await mark()).not.toBe(made);
  });

  it('writes rows, position, counts and completion in one commit', async () => {
    expect(await ledger.begin(begin)).toEqual({ kind: 'begun', epoch: 1, base: null });
    await store.transaction(async (tx) => {
      expect(await tx.lockJob('j', 'exclusive')).toMatchObject({ epoch: 1, taskId: 't1' });
      await tx.setPlan(key(1), { id: 'p', splits: 1, window: { from: null, to: '50' }, detail: '{}' });
      await tx.addPartition(key(1), { ...place, next: 0 });
      expect(await tx.movePartition(key(1), { ...place, from: 0, to: 3 })).toBe(true);
      expect(await tx.movePartition(key(1), { ...place, from: 0, to: 9 })).toBe(false);
      await tx.writeRows(batch(['eins'], ['zwei\tdrei']));
      expect(await tx.addEnded(key(1))).toBe(1);
      await tx.putSplit(key(1), { ...split, written: 2, read: 2, filtered: 0, nulled: 0, endedAs: 1 });
      expect(await tx.completeRun(key(1), '50')).toBe(true);
    });
    expect(await content()).toBe('eins\nzwei\tdrei\n');
    expect(await ledger.readJob('j')).toMatchObject({ watermark: '50', epoch: 1 });
    expect(await ledger.readRun('j', 't1')).toMatchObject({
      state: 'complete',
      counts: {
        read: 2,
        filtered: 0,
        emitted: 2,
        written: 2,
        dirty: 0,
        nulled: 0,
        deleted: 0,
        removed: 0,
        skipped: 0,
      },
    });
    expect(await ledger.readPartitions('j')).toEqual([{ ...place, next: 3 }]);
  });

  it('changes nothing when the work throws', async () => {
    await ledger.begin(begin);
    await write(store, ['kept']);
    const broken = store.transaction(async (tx) => {
      await tx.writeRows(batch(['lost']));
      await tx.addPartition(key(1), { ...place, next: 7 });
      throw new Error('no');
    });
    await expect(broken).rejects.toThrow('no');
    expect(await content()).toBe('kept\n');
    expect(await ledger.readPartitions('j')).toEqual([]);
  });

  it('has its rows in the file again when its writer died between commit and writing', async () => {
    await ledger.begin(begin);
    await write(store, ['one']);
    await write(store, ['two', 'three']);
    for (const rest of [4, 6]) {
      await truncate(target, rest);
      // A fresh process, that only reads.
      await (await sink().openLedger({ file: 'out/rows.txt' })).readRun('j', 't1');
      expect(await content()).toBe('one\ntwo\nthree\n');
    }
    await truncate(target, 5);
    await write(await openStore(), ['four']);
    expect(await content()).toBe('one\ntwo\nthree\nfour\n');
  });

  it('lets one of two writers commit, and the other one begin again on what that one wrote', async () => {
    await ledger.begin(begin);
    const other = await openStore();
    const late = store.transaction(async (tx) => {
      await write(other, ['other']);
      await tx.writeRows(batch(['mine']));
    });
    await expect(late).rejects.toMatchObject({ code: 'TARGET_FAILED', retriable: true });
    expect(await content()).toBe('other\n');
    await write(store, ['mine']);
    expect(await content()).toBe('other\nmine\n');
  });

  it('lets a sleeper change nothing, however many versions have come and gone', async () => {
    await ledger.begin(begin);
    await write(store, ['first']);
    const other = await openStore();
    const sleeper = store.transaction(async (tx) => {
      for (let i = 0; i < 5; i += 1) await write(other, [`other ${i}`]);
      await tx.writeRows(batch(['from long ago']));
    });
    await expect(sleeper).rejects.toMatchObject({ retriable: true });
    await write(other, ['last']);
    expect(await content()).toBe('first\nother 0\nother 1\nother 2\nother 3\nother 4\nlast\n');
    expect(await readdir(`${target}.syncline`)).toHaveLength(2);
  });

  it('keeps many writers at once apart', async () => {
    await ledger.begin(begin);
    const stores = await Promise.all(Array.from({ length: 4 }, openStore));
    const until = async (one: SinkStore, line: string): Promise<void> => {
      for (;;) {
        const done = await write(one, [line]).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'TARGET_FAILED', retriable: true });
            return false;
          },
        );
        if (done) return;
      }
    };
    await Promise.all(
      stores.map(async (one, n) => {
        for (let i = 0; i < 10; i += 1) await until(one, `${n}-${i}`);
      }),
    );
    const lines = (await content()).split('\n').slice(0, -1);
    expect(lines.toSorted()).toEqual(
      Array.from({ length: 40 }, (_, i) => `${Math.floor(i / 10)}-${i % 10}`).toSorted(),
    );
  });

  it('appends to a file that was there, and refuses one that something else wrote to', async () => {
    await writeFile(target, 'there before\n');
    await ledger.begin(begin);
    await write(store, ['ours']);
    expect(await content()).toBe('there before\nours\n');
    await appendFile(target, 'foreign\n');
    await expect(write(store, ['more'])).rejects.toMatchObject({ code: 'TARGET_CHANGED' });
    expect(await content()).toBe('there before\nours\nforeign\n');
  });

  it('gives back rows that are no lines', async () => {
    await ledger.begin(begin);
    const refused = await store.transaction((tx) => tx.writeRows(batch(['a'], [null], ['b\nc'], ['d'])));
    expect(refused).toMatchObject([
      { index: 1, field: 'line', reason: 'NULL is no line' },
      { index: 2, reason: 'the value holds a line break' },
    ]);
    expect(await content()).toBe('a\nd\n');
  });

  it('gives back rows that would not be read back as they are', async () => {
    await ledger.begin(begin);
    const out = await store.transaction((tx) =>
      tx.writeRows(batch(['a\rb'], ['a\r'], ['a', 'b'], [Buffer.from([0x61, 0xff])], ['\\N'], [''])),
    );
    expect(out.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'the value ends with a carriage return, which is taken for part of the line break'],
      [2, 'the row has 2 fields, its schema has 1'],
      [3, 'the text is not valid utf-8'],
    ]);
    expect(await content()).toBe('a\rb\n\\N\n\n');
  });

  it('writes rows of several fields in the row format, in which NULL is not the text \\N', async () => {
    await ledger.begin(begin);
    const two = {
      fields: ['a', 'b'].map((name) => ({ name, type: { kind: 'json' }, optional: true }) as const),
      key: [],
    };
    await store.prepareTable(two);
    const refused = await store.transaction((tx) =>
      tx.writeRows(batch(['x\ty', null], ['\\N', 'l\nr\r\\'], ['a'], ['a', 'b', 'c'])),
    );
    expect(refused.map(({ index }) => index)).toEqual([2, 3]);
    expect(await content()).toBe('x\\ty\t\\N\n\\\\N\tl\\nr\\r\\\\\n');
  });

  const plan = { id: 'p', splits: 1, window: { from: null, to: null }, detail: '{}' };
  const doubtsOf = async (taskId: string): Promise<string> =>
    ((await ledger.readRun('j', taskId))?.doubts ?? []).map(({ en }) => en).join('; ');

  it('doubts a run whose lines stand behind others, and not the first one', async () => {
    await ledger.begin(begin);
    await store.transaction((tx) => tx.setPlan(key(1), plan));
    await write(store, ['first']);
    // A task that starts again in mid run.
    await store.transaction((tx) => tx.setPlan(key(1), plan));
    expect(await doubtsOf('t1')).toBe('');
    await ledger.begin({ ...begin, taskId: 't2' });
    await store.transaction((tx) => tx.setPlan(key(2), plan));
    expect(await doubtsOf('t2')).toMatch(/held 6 bytes when this run began/);
  });

  it('keeps dirty rows and skipped counts of a run, by split', async () => {
    await ledger.begin(begin);
    const dirty = {
      key: 'k',
      field: 'f',
      reason: 'r',
      bytesHex: '00',
      attempt: 'a',
      stage: 'source',
    } as const;
    await store.transaction(async (tx) => {
      await tx.addDirty(key(1), [
        { ...dirty, split: 2 },
        { ...dirty, split: 1 },
      ]);
      await tx.addSkipped(key(1), 3);
      await tx.addSkipped(key(1), 4);
    });
    expect((await ledger.readDirty('j', 't1', 10)).map((each) => each.split)).toEqual([1, 2]);
    expect((await ledger.readRun('j', 't1'))?.counts.skipped).toBe(7);
    await store.transaction((tx) => tx.clearDirty(key(1), 2));
    expect((await ledger.readDirty('j', 't1', 10)).map((each) => each.split)).toEqual([1]);
  });

  it('fences a task whose run is not the newest', async () => {
    await ledger.begin(begin);
    expect(await ledger.abort({ job: 'j', taskId: 't1' })).toMatchObject({ kind: 'aborted' });
    expect(await store.transaction((tx) => tx.lockJob('j', 'shared'))).toMatchObject({ epoch: 2 });
    expect(await ledger.begin({ ...begin, taskId: 't2' })).toMatchObject({ kind: 'begun', epoch: 3 });
    expect(await ledger.begin(begin)).toEqual({ kind: 'zombie', holder: 't2' });
    expect(await ledger.abort({ job: 'j', taskId: 't1' })).toEqual({ kind: 'not-holder' });
    expect(await ledger.readRun('j', 't1')).toMatchObject({ state: 'aborted' });
  });
});

describe('the ledger of a target file', () => {
  let folder: string;
  let ledger: TargetLedger;
  let store: SinkStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syncline-ledger-'));
    ledger = await createFileSink(folder).openLedger({ file: 'f' });
    store = await createFileSink(folder).openStore({ file: 'f' }, never);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const complete = (epoch: number, to: string | null): Promise<boolean> =>
    store.transaction((tx) => tx.completeRun({ job: 'j', epoch }, to));

  it('knows a task id that comes again', async () => {
    await ledger.begin(begin);
    expect(await ledger.begin(begin)).toEqual({ kind: 'current', epoch: 1, base: null, complete: false });
    await complete(1, '10');
    expect(await ledger.begin(begin)).toEqual({ kind: 'current', epoch: 1, base: null, complete: true });
    expect(await ledger.begin({ ...begin, byHand: true })).toEqual({ kind: 'begun', epoch: 2, base: '10' });
    expect(await ledger.abort({ job: 'j', taskId: 't1' })).toMatchObject({ kind: 'aborted' });
    expect(await ledger.begin(begin)).toEqual({ kind: 'zombie', holder: 't1' });
  });

  it('moves the watermark only from the base of the run', async () => {
    await ledger.begin(begin);
    await complete(1, '10');
    await ledger.begin({ ...begin, taskId: 't2' });
    await resetTo(ledger, 'j', '5');
    expect(await complete(2, '20')).toBe(false);
    expect(await ledger.readJob('j')).toMatchObject({ watermark: '5', epoch: 3 });
    await expect(resetTo(ledger, 'nobody', '5')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('asks for a full run when the digest changed, and forgets the watermark then', async () => {
    await ledger.begin(begin);
    await complete(1, '10');
    const changed = { ...begin, taskId: 't2', digest: 'e', mode: 'incremental' } as const;
    expect(await ledger.begin(changed)).toEqual({ kind: 'digest-changed', stored: 'd' });
    expect(await ledger.begin({ ...changed, mode: 'full' })).toEqual({ kind: 'begun', epoch: 2, base: null });
  });

  it('belongs to one job, until it is removed', async () => {
    await ledger.begin(begin);
    expect(await ledger.begin({ ...begin, job: 'k' })).toEqual({ kind: 'table-taken', by: 'j' });
    await ledger.remove('k');
    await ledger.remove('j');
    expect(await ledger.readJob('j')).toBeNull();
    expect(await ledger.begin({ ...begin, job: 'k' })).toMatchObject({ kind: 'begun', epoch: 1 });
  });

  it('is begun once by two who begin at the same time', async () => {
    const second = await createFileSink(folder).openLedger({ file: 'f' });
    const outcomes = await Promise.all([ledger.begin(begin), second.begin(begin)]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['begun', 'current']);
  });

  it('drops the details of runs before the last one', async () => {
    for (const taskId of ['t1', 't2', 't3']) {
      const begun = await ledger.begin({ ...begin, taskId });
      const epoch = begun.kind === 'begun' ? begun.epoch : 0;
      await store.transaction((tx) => tx.putSplit({ job: 'j', epoch }, { ...split, written: epoch }));
    }
    const kept = await store.transaction((tx) =>
      Promise.all([1, 2, 3].map((epoch) => tx.readSplits({ job: 'j', epoch }))),
    );
    expect(kept.map(({ length }) => length)).toEqual([0, 1, 1]);
    expect((await ledger.readRun('j', 't1'))?.counts.written).toBe(1);
  });
});
