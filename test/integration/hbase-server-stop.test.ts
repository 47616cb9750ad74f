// One of two region servers stops: in an HBase of our own, since nothing starts it again.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { findStackPlace } from '../../src/stack/stack-place.ts';
import { startStack, stopStack } from '../../src/stack/stack.ts';
import { startHbaseOracle, type HbaseOracle } from '../support/hbase-oracle.ts';

const table = 'server_stop_test';

describe.skipIf(inject('stack') === null)('an HBase of two region servers', () => {
  const { cacheDir, stacksDir } = findStackPlace(process.env);
  let dir = '';
  let oracle: HbaseOracle | undefined;
  beforeAll(async () => {
    mkdirSync(stacksDir, { recursive: true });
    dir = mkdtempSync(join(stacksDir, 'server-stop-'));
    const stack = await startStack({ services: ['hbase'], dir, cacheDir });
    oracle = await startHbaseOracle(stack.endpoints);
  });
  afterAll(async () => {
    await oracle?.close();
    await stopStack(dir);
    rmSync(dir, { recursive: true });
  });

  test('keeps every cell when one of them stops, those not yet flushed too', async () => {
    if (oracle === undefined) throw new Error('the oracle did not start');
    await oracle.createTable(table, ['f'], ['k25', 'k50', 'k75']);
    const columns = [{ family: 'f', qualifier: 'a', prefix: 'v' }];
    await oracle.load(table, { rows: 100, keyPrefix: 'k', keyDigits: 2, columns });
    const before = await oracle.checksum(table);
    const [stopped = '', other] = await oracle.servers();
    await oracle.stopServer(stopped, table);
    expect(await oracle.servers()).toEqual([other]);
    expect(new Set((await oracle.regions(table)).map(({ server }) => server))).toEqual(new Set([other]));
    expect(await oracle.checksum(table)).toEqual(before);
    expect(before.rows).toBe(100);
  });
});
