// The demo as its user sees it: on the test's stack to its end, on a stack of its own until Ctrl-C, and embedded with a row that
// somebody planted in the target. They run at the same time: most of it is waiting for the next fire of the job.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SqliteDatabase } from '../../connectors/sqlite/database.ts';
import { compareOrders } from '../../src/demo/orders/compare-orders.ts';
import { orderColumns } from '../../src/demo/orders/order-columns.ts';
import { readSourceRows } from '../../src/demo/orders/source-rows.ts';
import { useRunningStack } from '../../src/demo/real-place.ts';
import { processesIn, startDemo } from '../support/start-demo.ts';
import type { DemoProcess } from '../support/start-demo.ts';
import { connectHbase, dropTable } from '../support/hbase-cluster.ts';

const stack = inject('stack');
const LIMIT_MS = 240_000;
const rows = ['--rows', '5000'];

describe.skipIf(stack === null)('npm run demo', () => {
  const dirs = new Map<string, string>();
  const demos = new Map<string, DemoProcess>();
  const dirOf = (name: string): string => dirs.get(name) ?? '';
  const demoOf = (name: string): DemoProcess => {
    const demo = demos.get(name);
    if (demo === undefined) throw new Error(`no demo ${name}`);
    return demo;
  };
  let planting: Promise<void>;
  let interruption: Promise<Interruption>;
  const stackDir = stack === null ? '' : resolve(stack.hbase.confDir, '../..');

  beforeAll(async () => {
    const start = async (name: string, args: readonly string[], env = {}): Promise<void> => {
      const dir = mkdtempSync(join(tmpdir(), `syncline-demo-${name}-`));
      dirs.set(name, dir);
      demos.set(name, await startDemo(dir, args, env));
    };
    await start('once', ['--once', ...rows], { SYNCLINE_DEMO_STACK: stackDir });
    await start('planted', ['--once', '--embedded', '--rows', '1000']);
    await start('own', rows);
    planting = plantRow(demoOf('planted'), join(dirOf('planted'), 'files', 'target.db'));
    interruption = interruptRun(demoOf('own'), dirOf('own'));
    // Awaited by their tests; until then a failure must not count as unhandled.
    for (const act of [planting, interruption]) act.catch(() => undefined);
  });

  afterAll(async () => {
    for (const demo of demos.values()) demo.interrupt();
    for (const demo of demos.values()) await demo.ended;
    for (const dir of dirs.values()) rmSync(dir, { recursive: true, force: true });
  });

  it('shows three proved runs and equal sides, and ends with 0', { timeout: LIMIT_MS }, async () => {
    const demo = demoOf('once');
    expect(await demo.ended, demo.lines.join('\n')).toBe(0);
    const text = demo.lines.join('\n');
    expect(demo.lines.filter((line) => /^run \d+ +(?:full|increment) +proved /.test(line)).length).toBe(3);
    expect(text).toMatch(/source and target are equal: [\d,]+ rows, every column/);
    expect(text).toMatch(/[\d,]+ single columns changed, [\d,]+ orders added/);
    // Nothing serves any more: there is nothing to try.
    expect(text).not.toContain('curl ');
  });

  it(
    'would have found a changed, a missing and an extra row in the target',
    { timeout: LIMIT_MS },
    async () => {
      await demoOf('once').ended;
      const created = await demoOf('once').sees(/^job orders_/);
      const table = created.split(' ')[1] ?? '';
      const found = await differencesAfterPlanting(table);
      expect(found.map(({ kind, column }) => [kind, column]).sort()).toEqual([
        ['missing-in-target', null],
        ['not-in-source', null],
        ['value', 'remark'],
      ]);
    },
  );

  it(
    'embedded ends with 1 and names the row when the target has one too many',
    { timeout: LIMIT_MS },
    async () => {
      const demo = demoOf('planted');
      await planting;
      expect(await demo.ended, demo.lines.join('\n')).toBe(1);
      expect(demo.lines.join('\n')).toContain('DEMO DOUBLE');
      expect(demo.lines).toContain('  zz-planted: in the target, not in the source');
    },
  );

  it('on its own stack leaves no process behind on Ctrl-C in mid run', { timeout: LIMIT_MS }, async () => {
    const { code, before, after } = await interruption;
    expect(before.length).toBeGreaterThanOrEqual(4);
    expect(code).toBe(130);
    expect(after).toEqual([]);
  });

  it('leaves no process behind on Ctrl-C while it starts', { timeout: LIMIT_MS }, async () => {
    await demoOf('own').ended;
    const demo = await startDemo(dirOf('own'), rows);
    await demo.sees(/hbase: starting/);
    demo.interrupt();
    expect(await demo.ended).toBe(130);
    expect(processesIn(dirOf('own'))).toEqual([]);
  });

  /** Changes, removes and adds a row, and compares. */
  async function differencesAfterPlanting(
    table: string,
  ): Promise<readonly { kind: string; column: string | null }[]> {
    if (stack === null) throw new Error('no stack');
    const { mariadb } = stack;
    const root = await createConnection({
      host: mariadb.host,
      port: mariadb.port,
      user: mariadb.user,
      password: mariadb.password,
      database: mariadb.database,
    });
    const client = connectHbase(stack.hbase);
    try {
      await root.query(`UPDATE \`${table}\` SET remark = 'spoilt' ORDER BY order_key LIMIT 1`);
      await root.query(`DELETE FROM \`${table}\` ORDER BY order_key DESC LIMIT 1`);
      await root.query(`INSERT INTO \`${table}\` (order_key) VALUES ('80-!')`);
      const { signal } = new AbortController();
      const columns = orderColumns.map((column) => column.name);
      const target = useRunningStack(stackDir).readTarget(table, signal);
      return (await compareOrders(readSourceRows({ client, table, signal }), target, columns)).shown;
    } finally {
      await root.query(`DROP TABLE IF EXISTS \`${table}\``);
      await root.end();
      await dropTable(client, table);
      client.close();
    }
  }
});

/** Adds a row to the target of an embedded demo once its first run is through: no later run touches it. */
async function plantRow(demo: DemoProcess, file: string): Promise<void> {
  await demo.sees(/^run \d+ +full +proved /);
  const database = await SqliteDatabase.open(file, 'target.db');
  try {
    await database.begin();
    database.run("INSERT INTO orders (order_key) VALUES ('zz-planted')");
    database.commit();
  } finally {
    database.close();
  }
}

interface Interruption {
  readonly code: number | null;
  /** Commands of its processes while the first run goes, and after the demo's end. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

async function interruptRun(demo: DemoProcess, dir: string): Promise<Interruption> {
  await demo.sees(/^run 1 +(?:starting|full|running)/);
  const before = processesIn(dir);
  demo.interrupt();
  return { before, code: await demo.ended, after: processesIn(dir) };
}
