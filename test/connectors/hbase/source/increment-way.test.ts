// Which way an increment by cell timestamp is read, and that the scan of everything takes the rows of the window only.
import { describe, expect, it } from 'vitest';
import { chooseWays } from '../../../../connectors/hbase/source/increment-way.ts';
import { readIncrement } from '../../../../connectors/hbase/source/increments.ts';
import { encodeCells } from '../../../../connectors/hbase/client/wire/cell-block.ts';
import type { TableSample } from '../../../../connectors/hbase/plan/table-sample.ts';
import { makeDecoder, makeMapping, RowCollector } from '../cell-rows.ts';

function choose(changed: number, memory: readonly [memstore: number, files: number][] = [], rows = 100_000) {
  const newestTimes = Array.from({ length: 20 }, (_, index) => (index < changed ? 100 : 99));
  const sample = { regions: [{ newestTimes }], rows: 20, columns: new Map() } as unknown as TableSample;
  const loads = memory.map(([memstoreMegabytes, uncompressedMegabytes], index) => ({
    regionName: Buffer.from([index]),
    memstoreMegabytes,
    uncompressedMegabytes,
    storefileMegabytes: uncompressedMegabytes,
  }));
  const { wayOf, note } = chooseWays({ from: 100, sample, loads, estimatedRows: rows });
  return {
    ways: memory.map((_, index) => wayOf(Buffer.from([index]).toString('hex'))),
    other: wayOf('ff'),
    note: note.en,
  };
}

describe('the way of an increment by cell timestamp', () => {
  it('is by keys while little changed, and a scan of everything from one row in five on', () => {
    expect(choose(3)).toMatchObject({
      other: 'keys',
      note: expect.stringContaining('3 of 20 sampled rows') as string,
    });
    expect(choose(4).other).toBe('all');
    expect(choose(20, [], 1_000).other).toBe('keys');
  });

  it('is a scan of everything for regions that are largely in memory, and says how many', () => {
    const { ways, note } = choose(0, [
      [64, 10],
      [1, 0],
      [10, 500],
    ]);
    expect(ways).toEqual(['all', 'keys', 'keys']);
    expect(note).toContain('of 3 regions, 1 not yet flushed');
  });

  it('takes of everything the rows with a cell in the window, and counts the others', async () => {
    const rows = [
      [99, 100],
      [99, 99],
      [199, 50],
      [200, 99],
    ].map((times, row) =>
      encodeCells(
        times.map((time, column) => ({
          row: Buffer.from(`r${row}`),
          family: Buffer.from('d'),
          qualifier: Buffer.from(`c${column}`),
          timestamp: BigInt(time),
          type: 'put' as const,
          value: Buffer.from('v'),
        })),
      ),
    );
    const rowStarts = [0, ...rows.map((_, index) => Buffer.concat(rows.slice(0, index + 1)).length)];
    const out = new RowCollector();
    await readIncrement({
      client: {
        async *scan() {
          yield await Promise.resolve({
            buffer: Buffer.concat(rows),
            rowCount: rows.length,
            rowStarts: Uint32Array.from(rowStarts),
          });
        },
        getRows: () => Promise.reject(new Error('no row is asked for by key')),
      },
      table: 't',
      range: { start: Buffer.alloc(0), stop: Buffer.alloc(0) },
      window: { from: 100, to: 200 },
      selection: {},
      decoder: makeDecoder(makeMapping([{ sourceFiled: 'd:c0' }])),
      out,
      signal: new AbortController().signal,
      way: 'all',
      markers: false,
      onGone: () => undefined,
    });
    expect(out.rows.map(({ key }) => key)).toEqual(['r0', 'r2']);
    expect(out.filteredRows).toHaveLength(2);
  });
});
