// What compare-and-set of one row must do, on HBase and on its double.
import { expect, test } from 'vitest';
import type { Cell } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

interface Change {
  readonly row: string;
  readonly expected: string;
  readonly put?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
  readonly at: number;
}

/** Columns of family f; `v` is the one that is compared. */
export async function change(client: HBaseClient, table: string, wanted: Change): Promise<boolean> {
  const row = bytes(wanted.row);
  const cell = (qualifier: string, type: Cell['type'], value: string): Cell => ({
    row,
    family: bytes('f'),
    qualifier: bytes(qualifier),
    timestamp: BigInt(wanted.at),
    type,
    value: bytes(value),
  });
  const puts = Object.entries(wanted.put ?? {}).map(([name, value]) => cell(name, 'put', value));
  const deletes = (wanted.remove ?? []).map((name) => cell(name, 'deleteColumn', ''));
  return client.checkAndMutate(table, {
    condition: { row, family: bytes('f'), qualifier: bytes('v'), value: bytes(wanted.expected) },
    mutations: [
      ...(puts.length > 0 ? [{ kind: 'put' as const, row, cells: puts }] : []),
      ...(deletes.length > 0 ? [{ kind: 'delete' as const, row, cells: deletes }] : []),
    ],
  });
}

async function read(client: HBaseClient, table: string, row: string): Promise<string> {
  const found = await client.getRows(table, [{ row: bytes(row) }]);
  const text = found.rows.map(({ buffer, start, end }) => buffer.toString('latin1', start, end)).join('');
  found.release();
  return text;
}

export function describeCheckAndMutate(tools: {
  readonly client: () => HBaseClient;
  readonly makeTable: (name: string) => Promise<string>;
}): void {
  test('a row is made by the first that expects it not to be there', async () => {
    const table = await tools.makeTable('cas_new');
    const client = tools.client();
    const first = { row: 'r', expected: '', put: { v: '1', a: 'first' }, at: 1 };
    expect(await change(client, table, first)).toBe(true);
    expect(await change(client, table, { ...first, put: { v: '1', a: 'second' } })).toBe(false);
    expect(await read(client, table, 'r')).toContain('first');
  });

  test('puts and deletes of one change are made together, or none of them', async () => {
    const table = await tools.makeTable('cas_both');
    const client = tools.client();
    await change(client, table, { row: 'r', expected: '', put: { v: '1', old: 'gone' }, at: 1 });
    const next = { row: 'r', expected: '1', put: { v: '2', fresh: 'here' }, remove: ['old'], at: 2 };
    expect(await change(client, table, { ...next, expected: '7' })).toBe(false);
    expect(await read(client, table, 'r')).toContain('gone');
    expect(await change(client, table, next)).toBe(true);
    const text = await read(client, table, 'r');
    expect([text.includes('gone'), text.includes('here')]).toEqual([false, true]);
  });

  test('of many that expect the same one is let through', async () => {
    const table = await tools.makeTable('cas_race');
    const client = tools.client();
    await change(client, table, { row: 'r', expected: '', put: { v: '0' }, at: 1 });
    for (let round = 0; round < 5; round += 1) {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, who) =>
          change(client, table, {
            row: 'r',
            expected: String(round),
            put: { v: String(round + 1), who: String(who) },
            at: round + 2,
          }),
        ),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    }
  });
}
