// What a document target alone must do: its ledger is kept by one of many who try, and a row's highest stamp stays.
import assert from 'node:assert/strict';
import type { DocumentPlace } from '../../../src/core/connector/document/define-document-target.ts';
import type { CheckOn } from '../check.ts';
import { assertHas } from '../assert-has.ts';
import { fieldOf, noSignal, pairs } from './run-tools.ts';
import { newTableName, type TargetBed } from './target-bed.ts';

export interface DocumentTargetBed extends TargetBed {
  /** What `open` of its definition gives for `configOf(name)`. */
  openPlace(name: string): Promise<DocumentPlace> | DocumentPlace;
}

type DocumentCheck = CheckOn<DocumentTargetBed>;

async function withPlaces(
  bed: DocumentTargetBed,
  work: (one: DocumentPlace, other: DocumentPlace) => Promise<void>,
): Promise<void> {
  const name = newTableName();
  const [one, other] = [await bed.openPlace(name), await bed.openPlace(name)];
  try {
    await work(one, other);
  } finally {
    await one.close();
    await other.close();
  }
}

export const documentChecks: readonly DocumentCheck[] = [
  {
    name: 'of many who keep a ledger over the same one, or over none, one has its way',
    act: (bed) =>
      withPlaces(bed, async (one, other) => {
        assert.equal(await one.load(), null);
        let version: string | null = null;
        for (let round = 0; round < 5; round += 1) {
          const tries = Array.from({ length: 6 }, (_, at) => `round ${round}, ledger ${at}`);
          const from: string | null = version;
          const kept: readonly boolean[] = await Promise.all(
            tries.map((ledger, at) => (at % 2 === 0 ? one : other).compareAndSet(from, ledger)),
          );
          assert.equal(kept.filter(Boolean).length, 1, `round ${round}: ${kept.join()}`);
          const found = await other.load();
          assert.equal(found?.ledger, tries[kept.indexOf(true)]);
          version = found?.version ?? null;
          assert.notEqual(version, from);
        }
        assert.equal(await one.compareAndSet(null, 'as if there were none'), false);
      }),
  },
  {
    name: 'of two writes of a key the one with the higher stamp stays, whichever arrives last, and a removal is one of them',
    act: (bed) =>
      withPlaces(bed, async (one, other) => {
        await one.prepare(pairs, false);
        await other.prepare(pairs, false);
        const write = (place: DocumentPlace, value: string | null, stamp: number): Promise<void> =>
          place.writeRows([{ key: ['k'], values: value === null ? null : ['k', value] }], stamp);
        const read = (): Promise<unknown> => one.readRow(['k']);
        await write(one, 'new', 1_700_000_000_020);
        await write(other, 'old', 1_700_000_000_003);
        assert.deepEqual(await read(), ['k', 'new']);
        await write(other, null, 1_700_000_000_030);
        await write(one, 'late', 1_700_000_000_025);
        assert.equal(await read(), null);
        assert.equal(await one.isEmpty(), true);
        await write(one, 'again', 1_700_000_000_100);
        await write(one, 'once more', 1_700_000_000_100);
        assert.deepEqual(await read(), ['k', 'once more']);
        assert.equal(await other.isEmpty(), false);
      }),
  },
  {
    name: 'a row is read back as it was written, and another key has none',
    act: (bed) =>
      withPlaces(bed, async (one, other) => {
        const fields = [
          fieldOf('id', { kind: 'string', length: 0 }, false),
          fieldOf('text', { kind: 'string', length: 0 }),
          fieldOf('bytes', { kind: 'bytes', length: 0 }),
          fieldOf('none', { kind: 'int64' }),
        ];
        for (const place of [one, other]) await place.prepare({ fields, key: ['id'] }, false);
        const values = ['中\t\n', bed.storesNul === false ? 'x' : 'x\0y', Buffer.from([0, 255]), null];
        await one.writeRows([{ key: ['中\t\n'], values }], 7);
        assert.deepEqual(await other.readRow(['中\t\n']), values);
        assert.equal(await other.readRow(['中']), null);
      }),
  },
  {
    name: 'rows without a key are refused, and rows whose keys may be one need a word of the user',
    act: async (bed) => {
      const store = await bed.plugin.openStore(bed.configOf(newTableName()), noSignal);
      await assert.rejects(store.prepareTable({ ...pairs, key: [] }), { code: 'TARGET_SCHEMA' });
      const merging = { reason: { en: 'keys may be one', zh: '键可能合并' }, chosen: false };
      await assert.rejects(store.prepareTable({ ...pairs, merging }), { code: 'KEYS_MAY_MERGE' });
      await store.close();
      const may = bed.configOf(newTableName(), { 'keys.may.merge': 'true' });
      const accepted = await bed.plugin.openStore(may, noSignal);
      assertHas((await accepted.prepareTable({ ...pairs, merging })).doubts, [{ en: 'keys may be one' }]);
      await accepted.close();
    },
  },
];
