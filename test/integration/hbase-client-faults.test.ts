// Our HBase client while regions move, split and merge and a region server stops: every row once, whole. In an HBase of our own,
// with a scanner lease of five seconds.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { findStackPlace } from '../../src/demo/stack-place.ts';
import { startStack, stopStack } from '../../src/demo/stack.ts';
import { wholeTable } from '../../connectors/hbase/rpc/key-range.ts';
import { openHbaseBed } from '../support/hbase-bed.ts';
import type { HbaseTestBed } from '../support/hbase-bed.ts';
import type { OracleChecksum } from '../support/hbase-oracle.ts';
import { createRandom } from '../support/random.ts';
import { putRows, readTable } from '../support/read-table.ts';

const rowCount = 30_000;
const leaseMs = 5_000;
const key = (text: string): Buffer => Buffer.from(text);
const splitKeys = ['k05', 'k10', 'k15', 'k20', 'k25'].map(key);

describe.skipIf(inject('stack') === null)('the HBase client under faults', () => {
  const { cacheDir, stacksDir } = findStackPlace(process.env);
  let dir = '';
  let bed: HbaseTestBed;
  let table = '';
  let truth: OracleChecksum;

  beforeAll(async () => {
    mkdirSync(stacksDir, { recursive: true });
    dir = mkdtempSync(join(stacksDir, 'client-faults-'));
    const settings = { hbaseSite: { 'hbase.client.scanner.timeout.period': String(leaseMs) } };
    const stack = await startStack({ services: ['hbase'], dir, cacheDir, settings });
    bed = await openHbaseBed(stack.endpoints);
    await bed.oracle.setBalancer(false);
    table = await bed.makeTable('faults', splitKeys, ['f']);
    const columns = ['a', 'b', 'c'].map((qualifier) => ({ family: 'f', qualifier, prefix: `${qualifier}-` }));
    await bed.oracle.load(table, { rows: rowCount, keyPrefix: 'k', keyDigits: 5, columns });
    truth = await bed.oracle.checksum(table);
  });
  afterAll(async () => {
    await bed.close();
    await stopStack(dir);
    rmSync(dir, { recursive: true });
  });

  const expectTruth = (read: OracleChecksum): void =>
    expect({ rows: read.rows, cells: read.cells, sum: read.sum }).toEqual(truth);

  /** Scans again and again until `work` is done. */
  async function scanDuring(
    work: Promise<void>,
  ): Promise<{ readonly scans: number; readonly reopened: number }> {
    const counts = { scans: 0, reopened: 0, workDone: false };
    const watched = work.finally(() => {
      counts.workDone = true;
    });
    watched.catch(() => undefined);
    while (!counts.workDone || counts.scans < 2) {
      const read = await readTable(bed.client, table, { maxResultBytes: 200_000 });
      expectTruth(read);
      counts.scans++;
      counts.reopened += read.reopened;
    }
    await watched;
    return counts;
  }

  test('gives every row once while regions move, split, merge and are flushed', async () => {
    const random = createRandom(11);
    const shake = async (): Promise<void> => {
      for (let round = 0; round < 8; round++) {
        const regions = await bed.oracle.regions(table);
        const region = regions[random(regions.length)];
        if (region !== undefined) await bed.oracle.moveRegion(table, region.encodedName);
        if (round % 4 === 1) await bed.oracle.flush(table);
      }
      const [first, , , fourth, fifth] = await bed.oracle.regions(table);
      if (first === undefined || fourth === undefined || fifth === undefined)
        throw new Error('regions are missing');
      await bed.oracle.splitRegion(table, first.encodedName, 'k02');
      await bed.oracle.mergeRegions(table, fourth.encodedName, fifth.encodedName);
      await bed.oracle.majorCompact(table);
    };
    const { scans, reopened } = await scanDuring(shake());
    expect(scans).toBeGreaterThan(2);
    expect(reopened).toBeGreaterThan(0);
  });

  test('keeps its scanner while the consumer stalls for longer than the lease', async () => {
    const scanner = bed.client.scan({ table, range: wholeTable, maxResultBytes: 200_000 });
    let rows = 0;
    for await (const batch of scanner) {
      rows += batch.rowCount;
      if (rows === batch.rowCount) await pause(leaseMs * 2.5);
    }
    expect([rows, scanner.reopened]).toEqual([rowCount, 0]);
  });

  test('puts and gets every row while regions move', async () => {
    const target = await bed.makeTable('moving', splitKeys, ['f']);
    const rows = Array.from({ length: 20_000 }, (_, i) => ({
      key: key(`k${String((i * 7919) % 30_000).padStart(5, '0')}`),
      columns: { 'f:a': `value ${i}` },
    }));
    const move = async (): Promise<void> => {
      for (const { encodedName } of await bed.oracle.regions(target))
        await bed.oracle.moveRegion(target, encodedName);
    };
    await Promise.all([move(), putRows(bed.client, target, rows)]);
    expect(await bed.expectEqual(target)).toMatchObject({ rows: 20_000 });
    const asked = rows.slice(0, 2_000).map((row) => ({ row: row.key }));
    const [found] = await Promise.all([bed.client.getRows(target, asked), move()]);
    expect(found.rows.filter(({ start, end }) => end > start)).toHaveLength(2_000);
  });

  test('counts right while regions move', async () => {
    const move = async (): Promise<void> => {
      for (const { encodedName } of await bed.oracle.regions(table))
        await bed.oracle.moveRegion(table, encodedName);
    };
    const [count] = await Promise.all([bed.client.countRows(table), move()]);
    expect(count).toEqual({ rows: rowCount, exact: true });
  });

  // The last one: nothing starts the server again.
  test('gives every row once while a region server stops', async () => {
    const { scans, reopened } = await scanDuring(stopOneServer());
    expect(scans).toBeGreaterThan(1);
    expect(reopened).toBeGreaterThan(0);
    expect(await bed.oracle.servers()).toHaveLength(1);
  });

  async function stopOneServer(): Promise<void> {
    const [first] = await bed.oracle.regions(table);
    await bed.oracle.stopServer(first?.server ?? '', table);
  }
});
