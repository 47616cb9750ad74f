// Increments over a reader made by hand: order, portions, rows that vanish between key scan and get, failures.
import { describe, expect, it } from 'vitest';
import { readIncrement } from '../../../../connectors/hbase/source/increments.ts';
import type { RowReader } from '../../../../connectors/hbase/source/increments.ts';
import type { ScanOptions } from '../../../../connectors/hbase/client/scan/scanner.ts';
import { encodeRow, makeDecoder, makeMapping, RowCollector } from '../cell-rows.ts';

function setup(keys: readonly string[], answer: (key: string) => string | null | Error) {
  const calls = { scans: [] as ScanOptions[], gets: [] as number[], open: 0, mostOpen: 0, released: 0 };
  const client: RowReader = {
    async *scan(options) {
      calls.scans.push(options);
      for (let at = 0; at < keys.length; at += 700) {
        const rows = keys.slice(at, at + 700).map((key) => encodeRow(key, { 'd:a': '' }));
        const rowStarts = Uint32Array.from([
          0,
          ...rows.map((_, index) => rows.slice(0, index + 1).reduce((sum, row) => sum + row.length, 0)),
        ]);
        yield await Promise.resolve({ buffer: Buffer.concat(rows), rowCount: rows.length, rowStarts });
      }
    },
    async getRows(_table, gets) {
      calls.gets.push(gets.length);
      calls.open += 1;
      calls.mostOpen = Math.max(calls.mostOpen, calls.open);
      await new Promise((resolve) => setImmediate(resolve));
      const rows = gets.map(({ row }) => {
        const key = Buffer.from(row).toString();
        const value = answer(key);
        if (value instanceof Error) throw value;
        const buffer = value === null ? Buffer.alloc(0) : encodeRow(key, { 'd:a': value });
        return { buffer, start: 0, end: buffer.length };
      });
      return {
        rows,
        release: () => {
          calls.open -= 1;
          calls.released += 1;
        },
      };
    },
  };
  const out = new RowCollector();
  const read = () =>
    readIncrement({
      client,
      table: 't',
      range: { start: Buffer.from('a'), stop: Buffer.from('z') },
      window: { from: 100, to: 200 },
      selection: {},
      decoder: makeDecoder(makeMapping([{ sourceFiled: 'd:a' }])),
      out,
      signal: new AbortController().signal,
      way: 'keys',
      markers: false,
      onGone: () => out.filtered({ en: 'vanished', zh: '' }),
    });
  return { read, out, calls };
}

const manyKeys = Array.from({ length: 1234 }, (_, index) => `k${String(index).padStart(4, '0')}`);

describe('an increment', () => {
  it('asks the window for keys only, and gets whole rows in portions of 500, two at a time', async () => {
    const { read, out, calls } = setup(manyKeys, (key) => `v${key}`);
    await read();
    expect(calls.scans).toHaveLength(1);
    expect(calls.scans[0]).toMatchObject({
      timeRange: { from: 100n, to: 200n },
      filter: { kind: 'all', filters: [{ kind: 'first-key-only' }, { kind: 'key-only' }] },
    });
    expect(calls.gets).toEqual([500, 500, 234]);
    expect(calls.mostOpen).toBe(2);
    expect(calls.released).toBe(3);
    expect(out.rows.map(({ key, values }) => [key, ...values])).toEqual(
      manyKeys.map((key) => [key, `v${key}`]),
    );
    expect(out.drains).toBe(3);
  });

  it('counts rows that vanished before they were got', async () => {
    const { read, out } = setup(['k1', 'k2', 'k3'], (key) => (key === 'k2' ? null : 'x'));
    await read();
    expect(out.rows.map(({ key }) => key)).toEqual(['k1', 'k3']);
    expect(out.filteredRows).toEqual(['vanished']);
  });

  it('fails with the first failure, and gives every buffer back', async () => {
    const { read, calls } = setup(manyKeys, (key) => (key === 'k0600' ? new Error('region lost') : 'x'));
    await expect(read()).rejects.toThrow('region lost');
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls.released).toBe(calls.gets.length - 1);
  });

  it('nothing changed: no get is sent', async () => {
    const { read, out, calls } = setup([], () => 'x');
    await read();
    expect(calls.gets).toEqual([]);
    expect(out.rows).toEqual([]);
  });
});
