// A definition of which a part is missing is refused when its package is loaded, and what it opens before anything is written there.
import { describe, expect, it } from 'vitest';
import { defineSqlTarget } from '../../../connectors/sql/target/define-sql-target.ts';
import { sqliteTarget as openTarget } from '../../../connectors/sqlite/sink-connector.ts';
import { config } from '../../../src/core/connector/config.ts';
import { defineSource } from '../../../src/core/connector/define.ts';
import {
  defineDocumentTarget,
  type DocumentPlace,
} from '../../../src/core/connector/document/define-document-target.ts';

const sqliteTarget = openTarget('/nowhere');
const said = { className: 'acme.Memo', version: '1', config: config({}) };
const needed = 'load, compareAndSet, prepare, writeRows, readRow, isEmpty, close';

function targetOf(place: unknown) {
  return defineDocumentTarget({ ...said, place: () => ['here'], open: () => place as DocumentPlace });
}

describe('a document target', () => {
  const half = { load: () => null, compareAndSet: () => true, writeRows: () => undefined };
  const message = `opening the target of acme.Memo: it has no prepare, readRow, isEmpty, close; it needs ${needed}`;
  const flat = { topics: 't' };

  it('with half of its place fails where it is first opened, and names all that is missing', async () => {
    const fault = { code: 'PLUGIN_FAULT', message };
    await expect(targetOf(half).openLedger(flat)).rejects.toMatchObject(fault);
    await expect(targetOf(half).openStore(flat, new AbortController().signal)).rejects.toMatchObject(fault);
    const steps = await targetOf(half).testConnection(flat, new AbortController().signal);
    expect(steps).toMatchObject([{ ok: false, code: 'PLUGIN_FAULT', detail: message }]);
  });

  it('that opens nothing says so', async () => {
    await expect(targetOf(undefined).openLedger(flat)).rejects.toMatchObject({
      code: 'PLUGIN_FAULT',
      message: 'opening the target of acme.Memo: it is undefined, no object',
    });
  });

  it.each(['open', 'place'] as const)('without %s is refused at once', (part) => {
    const whole = { ...said, place: () => ['here'], open: () => half as never };
    expect(() => defineDocumentTarget({ ...whole, [part]: undefined as never })).toThrow(
      `defineDocumentTarget of acme.Memo: it has no ${part}; it needs place, open`,
    );
  });
});

it('a source without open is refused at once', () => {
  expect(() => defineSource({ ...said, open: undefined as never })).toThrow(
    'defineSource of acme.Memo: it has no open; it needs open',
  );
});

it.each(['place', 'connect', 'describeTable', 'typeOf', 'fits'] as const)(
  'an SQL target without %s is refused at once',
  (part) => {
    expect(() => defineSqlTarget({ ...sqliteTarget, [part]: undefined as never })).toThrow(
      `defineSqlTarget of ${sqliteTarget.className}: it has no ${part}; it needs place, connect, describeTable, typeOf, fits`,
    );
  },
);

it('an SQL target whose dialect lacks a word is refused at once', () => {
  const { dialect } = sqliteTarget;
  expect(() =>
    defineSqlTarget({ ...sqliteTarget, dialect: { ...dialect, quote: undefined as never } }),
  ).toThrow(`the dialect of ${sqliteTarget.className}: it has no quote; it needs quote, parameter`);
});
