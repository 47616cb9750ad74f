// A scan over regions that move, split, merge and lose its scanners: every row once, whole, in order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import { CellBlockCursor } from '../../../../connectors/hbase/client/wire/cell-block.ts';
import { HBaseError } from '../../../../connectors/hbase/client/exceptions.ts';
import { wholeTable } from '../../../../connectors/hbase/client/key-range.ts';
import { TableScanner } from '../../../../connectors/hbase/client/scan/scanner.ts';
import type { ScanOptions } from '../../../../connectors/hbase/client/scan/scanner.ts';
import { createFakeClock } from '../../../fakes/fake-clock.ts';
import { allFaults, FakeRegionServers } from '../../../fakes/fake-region-servers.ts';
import type { FakeRow, Fault } from '../../../fakes/fake-region-servers.ts';

const key = (text: string): Buffer => Buffer.from(text, 'latin1');

function row(rowKey: Buffer, cells: number): FakeRow {
  const family = Buffer.from('cf');
  return {
    key: rowKey,
    cells: Array.from({ length: cells }, (_, index) => ({
      row: rowKey,
      family,
      qualifier: Buffer.from(`q${String(index).padStart(4, '0')}`),
      timestamp: 1n,
      type: 'put' as const,
      value: Buffer.from(`${rowKey.toString('hex')}/${index}`),
    })),
  };
}

const numbered = (count: number, cells = 3): FakeRow[] =>
  Array.from({ length: count }, (_, index) => row(key(String(index).padStart(4, '0')), cells));

/** Pauses take no time. */
const impatientClock: Clock = { ...systemClock, sleep: () => Promise.resolve() };

/** Rows as text, read from the batches while they are valid. */
async function readAll(scanner: TableScanner): Promise<string[]> {
  const cursor = new CellBlockCursor();
  const rows: string[] = [];
  for await (const { buffer, rowCount, rowStarts } of scanner) {
    for (let i = 0; i < rowCount; i++) {
      cursor.reset(buffer, rowStarts[i] ?? 0, rowStarts[i + 1] ?? 0);
      let text = '';
      while (cursor.next()) {
        text ||= `${buffer.toString('hex', cursor.rowStart, cursor.rowStart + cursor.rowLength)}:`;
        text += `${buffer.toString('latin1', cursor.valueStart, cursor.valueStart + cursor.valueLength)},`;
      }
      rows.push(text);
    }
  }
  return rows;
}

const asText = (rows: readonly FakeRow[]): string[] =>
  rows.map(
    (one) => `${one.key.toString('hex')}:${one.cells.map((cell) => `${cell.value.toString()},`).join('')}`,
  );

const scanOf = (
  servers: FakeRegionServers,
  options: Partial<ScanOptions> = {},
  clock = impatientClock,
): TableScanner => new TableScanner(servers.context(clock), { table: 't', range: wholeTable, ...options });

describe('table scanner', () => {
  it('reads region after region and asks for the next rows before it hands out those it has', async () => {
    const rows = numbered(100);
    const servers = new FakeRegionServers(rows, [key('0030'), key('0060')]);
    servers.cellsPerResponse = () => 31;
    expect(await readAll(scanOf(servers))).toEqual(asText(rows));
    expect(servers.calls.filter(({ kind }) => kind === 'open')).toHaveLength(3);
    expect(servers.openScanners).toBe(0);
  });

  it('never has more than one response waiting', async () => {
    const servers = new FakeRegionServers(numbered(40), []);
    servers.cellsPerResponse = () => 6;
    const batches = scanOf(servers)[Symbol.asyncIterator]();
    await batches.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(servers.calls).toHaveLength(2);
    await batches.return();
  });

  it('numbers the calls of a scanner from 0 and sends none on open', async () => {
    const servers = new FakeRegionServers(numbered(10), []);
    servers.cellsPerResponse = () => 9;
    await readAll(scanOf(servers));
    expect(servers.calls.map(({ kind, request }) => `${kind} ${request.sequence ?? '-'}`)).toEqual([
      'open -',
      'next 0',
      'next 1',
      'next 2',
    ]);
  });

  it('keeps to its range, start inclusive, stop exclusive', async () => {
    const rows = numbered(100);
    const servers = new FakeRegionServers(rows, [key('0030'), key('0060')]);
    const range = { start: key('0029'), stop: key('0060') };
    expect(await readAll(scanOf(servers, { range }))).toEqual(asText(rows.slice(29, 60)));
    expect(servers.calls.filter(({ kind }) => kind === 'open')).toHaveLength(2);
  });

  it('reads its range backwards, the stop still exclusive and the start inclusive', async () => {
    const rows = numbered(100);
    const servers = new FakeRegionServers(rows, [key('0030'), key('0060')]);
    servers.cellsPerResponse = () => 31;
    const range = { start: key('0030'), stop: key('0060') };
    expect(await readAll(scanOf(servers, { range, reversed: true }))).toEqual(
      asText(rows.slice(30, 60)).reverse(),
    );
    expect(servers.calls.filter(({ kind }) => kind === 'open')).toHaveLength(1);
    const last = await readAll(scanOf(servers, { reversed: true, limitRows: 3 }));
    expect(last).toEqual(asText(rows.slice(97)).reverse());
  });

  it('stops after as many rows as asked, and closes its scanner', async () => {
    const rows = numbered(100);
    const servers = new FakeRegionServers(rows, [key('0005')]);
    servers.cellsPerResponse = () => 9;
    expect(await readAll(scanOf(servers, { limitRows: 8 }))).toEqual(asText(rows.slice(0, 8)));
    await expect.poll(() => servers.openScanners).toBe(0);
  });

  it('closes its scanner when the consumer leaves', async () => {
    const servers = new FakeRegionServers(numbered(100), []);
    servers.cellsPerResponse = () => 9;
    for await (const batch of scanOf(servers)) if (batch.rowCount > 0) break;
    await expect.poll(() => servers.openScanners).toBe(0);
  });

  it('reads a row larger than any response, and a row that ends a region cut', async () => {
    const rows = [row(key('a'), 50), row(key('b'), 7), row(key('c'), 1)];
    const servers = new FakeRegionServers(rows, [key('b'), key('c')]);
    servers.cellsPerResponse = () => 3;
    expect(await readAll(scanOf(servers))).toEqual(asText(rows));
  });

  it.each<Fault>(allFaults)('gives every row once when each third call meets: %s', async (fault) => {
    const rows = numbered(200);
    const servers = new FakeRegionServers(rows, [key('0050'), key('0150')]);
    servers.cellsPerResponse = () => 16;
    servers.faultFor = (call) => (call % 3 === 0 ? fault : 'none');
    const scanner = scanOf(servers);
    expect(await readAll(scanner)).toEqual(asText(rows));
    expect(scanner.rows).toBe(200);
  });

  it('gives every row once, whole, in order, whatever the table, the direction, the cuts and the faults', async () => {
    const anyKey = fc.uint8Array({ minLength: 1, maxLength: 3 }).map((array) => Buffer.from(array));
    const table = fc.uniqueArray(fc.record({ rowKey: anyKey, cells: fc.integer({ min: 1, max: 9 }) }), {
      selector: ({ rowKey }) => rowKey.toString('hex'),
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ entries: table, reversed: fc.boolean() }),
        fc.uniqueArray(anyKey, { selector: (bytes) => bytes.toString('hex'), maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 12 })),
        fc.infiniteStream(
          fc.oneof({ weight: 3, arbitrary: fc.constant('none' as const) }, fc.constantFrom(...allFaults)),
        ),
        async ({ entries, reversed }, splits, cuts, dealt) => {
          const rows = entries
            .map(({ rowKey, cells }) => row(rowKey, cells))
            .sort((a, b) => a.key.compare(b.key));
          const servers = new FakeRegionServers(
            rows,
            splits.sort((a, b) => a.compare(b)),
          );
          servers.cellsPerResponse = () => cuts.next().value as number;
          servers.faultFor = () => dealt.next().value as Fault;
          const expected = reversed ? asText(rows).reverse() : asText(rows);
          expect(await readAll(scanOf(servers, { reversed }))).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('goes on after the last whole row, not at it', async () => {
    const servers = new FakeRegionServers(numbered(10), []);
    servers.cellsPerResponse = () => 10;
    servers.faultFor = (call) => (call === 3 ? 'lost-scanner' : 'none');
    await readAll(scanOf(servers));
    const opens = servers.calls
      .filter(({ kind }) => kind === 'open')
      .map(({ request }) => request.scan?.startRow);
    expect(opens).toEqual([key(''), key('0005\x00')]);
  });

  it('goes on after a row whose key has no room for another byte', async () => {
    const longest = Buffer.alloc(32_767, 0x61);
    const rows = [row(longest, 2), row(key('b'), 2)];
    const servers = new FakeRegionServers(rows, []);
    servers.cellsPerResponse = () => 2;
    servers.faultFor = (call) => (call === 2 ? 'lost-scanner' : 'none');
    expect(await readAll(scanOf(servers))).toEqual(asText(rows));
    const reopened = servers.calls.filter(({ kind }) => kind === 'open')[1]?.request.scan;
    expect([reopened?.startRow.length, reopened?.includeStartRow]).toEqual([32_767, false]);
  });

  it('tells the locator about moved regions and lost servers', async () => {
    const servers = new FakeRegionServers(numbered(10), []);
    servers.cellsPerResponse = () => 10;
    servers.faultFor = (call) => (call === 2 ? 'moved' : 'none');
    const scanner = scanOf(servers);
    await readAll(scanner);
    expect(servers.forgotten).toHaveLength(1);
    expect(scanner.reopened).toBe(1);
  });

  it('fails with the cause when there is no progress for the budget', async () => {
    const servers = new FakeRegionServers(numbered(10), []);
    servers.faultFor = () => 'server-gone';
    const clock = createFakeClock(0);
    const reading = readAll(scanOf(servers, { retryBudgetMs: 5_000 }, clock));
    const failed = expect(reading).rejects.toMatchObject({
      message: 'scanning t: no progress for 5 s: the connection is gone',
      code: 'HBASE_UNREACHABLE',
    });
    await expect.poll(() => clock.sleepers).toBe(1);
    await clock.advance(10_000);
    await failed;
  });

  it('fails at once on what no retry can help', async () => {
    const servers = new FakeRegionServers(numbered(10), []);
    const context = servers.context(impatientClock);
    const refused = new HBaseError({
      message: 'no such family',
      recovery: 'fail',
      className: 'NoSuchColumnFamilyException',
    });
    const connections = { ...context.connections, call: () => Promise.reject(refused) };
    const scanner = new TableScanner({ ...context, connections }, { table: 't', range: wholeTable });
    await expect(readAll(scanner)).rejects.toBe(refused);
  });

  it('stops at once when aborted, while it waits for an answer', async () => {
    const servers = new FakeRegionServers(numbered(10), []);
    const context = servers.context(impatientClock);
    const connections = { ...context.connections, call: () => new Promise<never>(() => undefined) };
    const abort = new AbortController();
    const options = { table: 't', range: wholeTable, signal: abort.signal };
    const reading = readAll(new TableScanner({ ...context, connections }, options));
    abort.abort(new Error('cancelled'));
    await expect(reading).rejects.toThrow('cancelled');
  });

  it('renews the lease while the consumer stalls, and goes on with the right number', async () => {
    const rows = numbered(40);
    const servers = new FakeRegionServers(rows, []);
    servers.leaseMs = 60_000;
    servers.cellsPerResponse = () => 30;
    const clock = createFakeClock(0);
    const scanner = scanOf(servers, {}, clock);
    const batches = scanner[Symbol.asyncIterator]();
    await batches.next();
    await expect.poll(() => clock.sleepers).toBe(1);
    await clock.advance(95_000);
    expect(servers.calls.map(({ kind }) => kind)).toEqual(['open', 'next', 'renew', 'renew', 'renew']);
    let seen = 10;
    for (let step = await batches.next(); step.done !== true; step = await batches.next())
      seen += step.value.rowCount;
    expect([seen, scanner.reopened]).toEqual([40, 0]);
    expect(clock.sleepers).toBe(0);
  });

  it('renews nothing once the consumer has left, even when an answer was still on its way', async () => {
    const servers = new FakeRegionServers(numbered(100), []);
    servers.leaseMs = 60_000;
    servers.cellsPerResponse = () => 9;
    const clock = createFakeClock(0);
    for await (const batch of scanOf(servers, {}, clock)) if (batch.rowCount > 0) break;
    await expect.poll(() => servers.openScanners).toBe(0);
    await clock.advance(100_000);
    expect(servers.calls.map(({ kind }) => kind)).toEqual(['open', 'next', 'close']);
    expect(clock.sleepers).toBe(0);
  });

  it('reopens when the lease ran out all the same', async () => {
    const rows = numbered(40);
    const servers = new FakeRegionServers(rows, []);
    servers.cellsPerResponse = () => 30;
    servers.faultFor = (call) => (call === 3 ? 'lost-scanner' : 'none');
    const scanner = scanOf(servers);
    expect(await readAll(scanner)).toEqual(asText(rows));
    expect(scanner.reopened).toBe(1);
  });
});
