// Rows that are gone in the source are removed, by key or by a comparison of keys.
import assert from 'node:assert/strict';
import type { KeyClaim, SinkStore, SinkTransaction } from '../../../src/core/connector/sink-store.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { RunKey } from '../../../src/core/ledger/ledger.ts';
import { writeKey } from '../../../src/core/record/row-key.ts';
import { batchOf, fieldOf, openRun, pairs } from './run-tools.ts';
import { newTableName, type SqlTargetCheck, type TargetBed, type TargetCheck } from './target-bed.ts';

async function open(bed: TargetBed, schema = pairs) {
  const table = newTableName();
  const { store, key } = await openRun(bed, bed.configOf(table), schema);
  const first = schema.fields[0]?.name ?? '';
  const keys = async (): Promise<readonly (string | null)[]> =>
    (await bed.readRows(table, [first])).map(([each]) => each ?? null);
  return { store, key, keys };
}

function claim(from: string | null, until: string | null, keys: readonly string[]): KeyClaim {
  return {
    from: from === null ? null : [Buffer.from(from)],
    until: until === null ? null : [Buffer.from(until)],
    keys: batchOf(keys.map((key) => [key])),
  };
}

async function setAside(
  tx: SinkTransaction,
  key: RunKey & { split: number },
  what: KeyClaim,
): Promise<number> {
  let found = 0;
  for await (const keys of tx.unclaimedKeys(what)) {
    await tx.setAside(key, key.split, keys);
    found += keys.length;
  }
  return found;
}

/** Sets aside and removes; returns how many were set aside. */
function compare(store: SinkStore, key: RunKey, what: KeyClaim): Promise<number> {
  return store.transaction(async (tx) => {
    const found = await setAside(tx, { ...key, split: 0 }, what);
    await tx.removeSetAside(key);
    return found;
  });
}

async function refusesToCompare(bed: TargetBed, schema: RowSchema): Promise<void> {
  const { store, key } = await open(bed, schema);
  const compared = compare(store, key, { from: null, until: null, keys: batchOf([]) });
  await assert.rejects(compared, { code: 'TARGET_SCHEMA' });
  await store.close();
}

const numbered: RowSchema = {
  fields: [fieldOf('id', { kind: 'int64' }, false), fieldOf('value', { kind: 'string', length: 8 })],
  key: ['id'],
};

export const deleteChecks: readonly TargetCheck[] = [
  {
    name: 'removes rows by key, one that is not there too',
    act: async (bed) => {
      const { store, keys } = await open(bed);
      const all = Array.from({ length: 1_300 }, (_, index) => `k${String(index).padStart(4, '0')}`);
      await store.transaction((tx) => tx.writeRows(batchOf(all.map((key) => [key, 'x']))));
      const gone = all.filter((_, index) => index % 2 === 0 && index < 1_100);
      await store.transaction((tx) => tx.deleteRows(batchOf([...gone, 'never'].map((key) => [key, null]))));
      assert.deepEqual(
        await keys(),
        all.filter((key) => !gone.includes(key)),
      );
      await store.close();
    },
  },

  {
    name: 'tells long numbers and parts of a key apart',
    act: async (bed) => {
      const schema = {
        fields: [
          fieldOf('a', { kind: 'int64' }, false),
          fieldOf('value', { kind: 'string', length: 0 }),
          fieldOf('b', { kind: 'string', length: 40 }, false),
        ],
        key: ['a', 'b'],
      };
      const { store, keys } = await open(bed, schema);
      const [one, two] = ['9007199254740992', '9007199254740993'];
      await store.transaction((tx) =>
        tx.writeRows(
          batchOf([
            [one, 'x', 'é'],
            [two, 'x', 'é'],
            [two, 'x', 'e'],
          ]),
        ),
      );
      await store.transaction((tx) => tx.deleteRows(batchOf([[two, null, 'é']])));
      assert.deepEqual(await keys(), [one, two]);
      await store.close();
    },
  },

  {
    name: 'a row that was removed is there again when it comes again, also in one transaction',
    act: async (bed) => {
      const { store, keys } = await open(bed);
      await store.transaction(async (tx) => {
        await tx.writeRows(
          batchOf([
            ['a', 'x'],
            ['b', 'x'],
            ['c', 'x'],
          ]),
        );
        await tx.deleteRows(
          batchOf([
            ['a', null],
            ['b', null],
          ]),
        );
        await tx.writeRows(batchOf([['b', 'y']]));
      });
      assert.deepEqual(await keys(), ['b', 'c']);
      await store.transaction((tx) => tx.writeRows(batchOf([['a', 'z']])));
      assert.deepEqual(await keys(), ['a', 'b', 'c']);
      await store.close();
    },
  },
];

export const compareChecks: readonly SqlTargetCheck[] = [
  {
    name: 'tells whether keys that must be there are not, and of no others',
    act: async (bed) => {
      const { store, key } = await open(bed);
      await store.transaction((tx) => tx.writeRows(batchOf(['b', 'd'].map((each) => [each, 'x']))));
      const lacks = async (
        keys: readonly (readonly string[])[],
        from: string | null = null,
      ): Promise<boolean> => {
        let lacking = false;
        const what = {
          ...claim(from, null, []),
          keys: batchOf(keys),
          onLacking: () => void (lacking = true),
        };
        await store.transaction((tx) => setAside(tx, { ...key, split: 0 }, what));
        return lacking;
      };
      assert.equal(await lacks([['a'], ['b', '1'], ['c'], ['d', '1']]), false);
      assert.equal(
        await lacks([
          ['b', '1'],
          ['c', '1'],
          ['d', '1'],
        ]),
        true,
      );
      assert.equal(await lacks([['z', '1']], 'y'), true);
      assert.equal(await lacks([]), false);
      await store.close();
    },
  },

  {
    name: 'finds what a claim does not name, within its range only, page after page',
    act: async (bed) => {
      const { store, key, keys } = await open(bed);
      const all = Array.from({ length: 2_600 }, (_, index) => `k${String(index).padStart(4, '0')}`);
      const others = ['a', 'zz', 'é', '中', '😀'];
      await store.transaction((tx) => tx.writeRows(batchOf([...all, ...others].map((row) => [row, 'x']))));
      const kept = all.filter((_, index) => index % 1_000 === 0);
      assert.equal(await compare(store, key, claim('k0000', 'k2500', kept)), 2_500 - 3);
      assert.equal(await compare(store, key, claim('k2500', 'l', [])), 100);
      assert.equal(await compare(store, key, claim('zz', null, ['zz', '中'])), 2);
      assert.equal(await compare(store, key, claim(null, 'k0000', ['a'])), 0);
      assert.deepEqual([...(await keys())].sort(), ['a', ...kept, 'zz', '中'].sort());
      await store.close();
    },
  },

  {
    name: 'rows set aside stay until they are removed, those of all splits at once, except of a split that began anew',
    act: async (bed) => {
      const { store, key, keys } = await open(bed);
      await store.transaction((tx) => tx.writeRows(batchOf(['a', 'b', 'c', 'd'].map((row) => [row, 'x']))));
      for (const [split, row] of ['a', 'b', 'c'].entries())
        await store.transaction((tx) => tx.setAside(key, split, [writeKey([Buffer.from(row)]) ?? '']));
      await store.transaction((tx) => tx.clearSetAside(key, 1));
      assert.deepEqual(await keys(), ['a', 'b', 'c', 'd']);
      await store.transaction((tx) => tx.removeSetAside({ ...key, epoch: key.epoch + 1 }));
      assert.deepEqual(await keys(), ['a', 'b', 'c', 'd']);
      await store.transaction((tx) => tx.removeSetAside(key));
      assert.deepEqual(await keys(), ['b', 'd']);
      await store.transaction((tx) => tx.writeRows(batchOf([['a', 'x']])));
      await store.transaction((tx) => tx.removeSetAside(key));
      assert.deepEqual(await keys(), ['a', 'b', 'd']);
      await store.close();
    },
  },

  {
    name: 'counts rows up to a number',
    act: async (bed) => {
      const { store } = await open(bed);
      await store.transaction((tx) => tx.writeRows(batchOf(['a', 'b', 'c'].map((row) => [row, 'x']))));
      const counts = [2, 3, 4].map((atMost) => store.transaction((tx) => tx.countRows(atMost)));
      assert.deepEqual(await Promise.all(counts), [2, 3, 3]);
      await store.close();
    },
  },

  {
    name: 'what was removed comes back with the transaction that is rolled back',
    act: async (bed) => {
      const { store, key, keys } = await open(bed);
      await store.transaction((tx) => tx.writeRows(batchOf(['k1', 'k2'].map((row) => [row, 'x']))));
      const failing = store.transaction(async (tx) => {
        await tx.deleteRows(batchOf([['k1', null]]));
        await setAside(tx, { ...key, split: 0 }, claim(null, null, []));
        await tx.removeSetAside(key);
        throw new Error('on purpose');
      });
      await assert.rejects(failing, /on purpose/);
      await store.transaction((tx) => tx.removeSetAside(key));
      assert.deepEqual(await keys(), ['k1', 'k2']);
      await store.close();
    },
  },

  {
    name: 'compares numbers by their size, long ones and those below zero too',
    act: async (bed) => {
      if (bed.comparesNumbers === false) return refusesToCompare(bed, numbered);
      const { store, key, keys } = await open(bed, numbered);
      const some = Array.from({ length: 2_400 }, (_, index) => String(index - 1_200));
      const long = ['-9223372036854775808', '9007199254740992', '9007199254740993', '9223372036854775807'];
      await store.transaction((tx) => tx.writeRows(batchOf([...some, ...long].map((id) => [id, 'x']))));
      assert.equal(await compare(store, key, claim('-1200', '0', ['-2', '-10', '-100'])), 1_200 - 3);
      assert.equal(await compare(store, key, claim('2', '10', ['2', '9'])), 6);
      assert.equal(await compare(store, key, claim('10', '1200', [])), 1_190);
      assert.equal(await compare(store, key, claim('1200', null, [long[1] ?? '', long[3] ?? ''])), 1);
      assert.equal(await compare(store, key, claim(null, '-1200', [])), 1);
      const left = ['-100', '-10', '-2', '0', '1', '2', '9', '9007199254740992', '9223372036854775807'];
      assert.deepEqual(
        (await keys()).toSorted((one, other) => Number(one) - Number(other)),
        left,
      );
      await store.close();
    },
  },

  {
    name: 'compares keys of several columns part by part, page after page, whatever order the target has them in',
    act: async (bed) => {
      const schema: RowSchema = {
        fields: [
          fieldOf('day', { kind: 'date' }, false),
          fieldOf('value', { kind: 'string', length: 8 }),
          fieldOf('no', { kind: 'int32' }, false),
          fieldOf('name', { kind: 'string', length: 20 }, false),
        ],
        key: ['name', 'no', 'day'],
      };
      if (bed.comparesNumbers === false) return refusesToCompare(bed, schema);
      const table = newTableName();
      const config = bed.configOf(table, { 'pk.fields': 'day,name,no' });
      const { store, key } = await openRun(bed, config, schema);
      const rows = Array.from({ length: 2_200 }, (_, at) => [
        '2026-02-28',
        'x',
        String(at % 1_100),
        at < 1_100 ? 'A\tb' : 'a',
      ]);
      await store.transaction((tx) => tx.writeRows(batchOf(rows)));
      const bound = (...values: readonly string[]) => values.map((value) => Buffer.from(value));
      const found = await compare(store, key, {
        from: bound('A\tb', '9', '2026-02-28'),
        until: bound('a', '10', '2026-02-28'),
        keys: batchOf([
          ['A\tb', '1099', '2026-02-28', '1'],
          ['a', '2', '2026-02-28'],
          ['a', '10', '2026-02-27'],
        ]),
      });
      assert.equal(found, 1_091 - 1 + 10 - 1);
      const left = await bed.readRows(table, ['name', 'no']);
      assert.deepEqual(
        left
          .filter(([name]) => name === 'A\tb')
          .map(([, no]) => Number(no))
          .sort((a, b) => a - b),
        [...Array.from({ length: 9 }, (_, no) => no), 1_099],
      );
      assert.deepEqual(
        left
          .filter(([name, no]) => name === 'a' && Number(no) < 11)
          .map(([, no]) => no)
          .sort(),
        ['10', '2'],
      );
      await store.close();
    },
  },

  {
    name: 'refuses a claim whose keys do not lie in its range, and removes nothing',
    act: async (bed) => {
      if (bed.comparesNumbers === false) return refusesToCompare(bed, numbered);
      const { store, key, keys } = await open(bed, numbered);
      await store.transaction((tx) => tx.writeRows(batchOf(['1', '2', '10'].map((id) => [id, 'x']))));
      await assert.rejects(compare(store, key, claim('1', '2', ['1', '10'])), {
        code: 'SOURCE_SCHEMA',
      });
      assert.deepEqual((await keys()).toSorted(), ['1', '10', '2']);
      await store.close();
    },
  },

  {
    name: 'does not compare keys that have no common order',
    act: async (bed) => {
      const { store, key } = await open(bed, {
        fields: [
          fieldOf('at', { kind: 'timestamp', precision: 3 }, false),
          fieldOf('value', { kind: 'int64' }),
        ],
        key: ['at'],
      });
      await assert.rejects(compare(store, key, claim(null, null, [])), { code: 'TARGET_SCHEMA' });
      await store.close();
    },
  },
];
