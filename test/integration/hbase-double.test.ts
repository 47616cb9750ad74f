// The demo's double of HBase beside a real one: the same puts, deletes, flushes and major compactions, and the same cells are seen,
// in all versions. Families keep more versions than there are: the double drops those beyond at once, HBase when it flushes.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { decodeCells } from '../../connectors/hbase/client/wire/cell-block.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import { startHbaseDouble } from '../../src/demo/hbase-double/start-double.ts';
import type { HbaseDouble } from '../../src/demo/hbase-double/start-double.ts';
import { createRandom } from '../support/random.ts';
import { readTable } from '../support/read-table.ts';
import { changedColumns, mutationOf } from '../support/table-changes.ts';
import type { TableChange } from '../support/table-changes.ts';
import { waitUntil } from '../support/wait-until.ts';
import { connectHbase, dropTable } from '../support/hbase-cluster.ts';

const stack = inject('stack');
const table = `double_${process.pid}_${Date.now().toString(36)}`;
const every = { maxVersions: 100 } as const;

describe.skipIf(stack === null)('the double of HBase beside HBase', () => {
  let double: HbaseDouble;
  let clients: readonly HBaseClient[];
  beforeAll(async () => {
    if (stack === null) return;
    double = await startHbaseDouble();
    clients = [connectHbase(stack.hbase), new HBaseClient({ cluster: { servers: [double] } })];
    const attributes = { VERSIONS: '100' };
    for (const client of clients)
      await client.admin.createTable({ table, families: { d: attributes, e: attributes } });
  });
  afterAll(async () => {
    for (const client of clients) {
      await dropTable(client, table);
      client.close();
    }
    await double.close();
  });

  it('shows the same cells, whatever is put, deleted, flushed and compacted', async () => {
    const seed = Date.now() % 100_000;
    const random = createRandom(seed);
    for (let round = 0; round < 8; round += 1) {
      for (let index = 0; index < 40; index += 1) {
        // Times come again, and in any order: markers hide puts that come later.
        const mutation = mutationOf(randomChange(random), 1_000 + random(60));
        for (const client of clients) await client.mutateRows(table, [mutation]);
      }
      if (round % 2 === 1) for (const client of clients) await client.flushTable(table);
      if (round % 4 === 3)
        for (const client of clients) {
          await client.compactTable(table);
          await waitUntil('no marker is left', async () => (await markers(client)) === 0, 30_000);
        }
      const [real, ours] = await Promise.all(clients.map((client) => readTable(client, table, every)));
      expect({ seed, round, ...real, reopened: 0 }).toEqual({ seed, round, ...ours, reopened: 0 });
      expect(real?.rows).toBeGreaterThan(0);
    }
  }, 60_000);

  async function markers(client: HBaseClient): Promise<number> {
    let found = 0;
    const options = { table, range: wholeTable, raw: true, ...every };
    for await (const { buffer, rowCount, rowStarts } of client.scan(options))
      found += decodeCells(Buffer.from(buffer), rowStarts[0] ?? 0, rowStarts[rowCount] ?? 0).filter(
        ({ type }) => type !== 'put',
      ).length;
    return found;
  }
});

function randomChange(random: (below: number) => number): TableChange {
  const row = `k${random(4)}`;
  const column = changedColumns[random(3)] ?? 'd:a';
  const dice = random(10);
  if (dice < 6) return { kind: 'put', row, columns: [column] };
  if (dice < 7) return { kind: 'row', row };
  if (dice < 8) return { kind: 'family', row, family: random(2) === 0 ? 'd' : 'e' };
  if (dice < 9) return { kind: 'column', row, column };
  return { kind: 'version', row, column, version: 1_000 + random(60) };
}
