// What the wizard sees of an HBase cluster through the admin API: on the real one and on its double.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hbaseSource } from '../../connectors/hbase/source/source-connector.ts';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import type { ColumnsLook, MappingLook, PartsLook, RowLook } from '../../src/core/connector/source-look.ts';
import { setupApi } from '../api/setup-api.ts';
import type { ApiBed } from '../api/setup-api.ts';
import { putRows } from '../support/read-table.ts';
import { dropTable } from '../support/hbase-cluster.ts';

export interface LookingBed {
  readonly client: HBaseClient;
  readonly place: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const token = 'a-token-of-at-least-32-characters-for-looking';
const connector = 'io.syncline.hbase.HBaseSourceConnector';

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

export function describeLooking(name: string, openBed: () => Promise<LookingBed>): void {
  describe(`looking into ${name}`, () => {
    const table = `look_${process.pid}_${Date.now().toString(36)}`;
    let bed: LookingBed;
    let api: ApiBed;
    beforeAll(async () => {
      bed = await openBed();
      api = await setupApi({ adminToken: token, plugins: [hbaseSource] });
      await bed.client.admin.createTable({ table, families: { f: {} }, splitKeys: [Buffer.from('5')] });
      const rows = Array.from({ length: 10 }, (_, at) => ({
        key: Buffer.from(at === 9 ? [0x39, 0x00, 0xff] : String(at)),
        columns: {
          'f:name': `name ${at}`,
          'f:count': int64(at * 1000),
          'f:seen': int64(Date.UTC(2024, 1, at + 1)),
          'f:digits': '12345678',
          ...(at < 5 ? { 'f:rare': `1.${at}` } : {}),
        },
      }));
      await putRows(bed.client, table, rows);
    });
    afterAll(async () => {
      await dropTable(bed.client, table);
      await api.close();
      await bed.close();
    });
    const ask = async <T>(what: string, more: Record<string, unknown> = {}): Promise<T> => {
      const payload = { connector, config: bed.place, ...more };
      const answer = await api.ask({ method: 'POST', url: `/api/v1/sources/${what}`, payload });
      expect(answer).toMatchObject({ status: 200 });
      return answer.body as T;
    };

    it('shows namespaces, tables and regions with their servers and sizes', async () => {
      expect((await ask<{ namespaces: string[] }>('namespaces')).namespaces).toContain('default');
      expect((await ask<{ tables: string[] }>('tables')).tables).toContain(table);
      const { total, parts } = await ask<PartsLook>('parts', { table });
      expect(total).toBe(2);
      expect(parts.map(({ startKey, endKey }) => [startKey, endKey])).toEqual([
        ['', '5'],
        ['5', ''],
      ]);
      for (const { server, sizeMegabytes } of parts) {
        expect(server).toMatch(/:\d+$/);
        // HBase rounds up what is in memory.
        expect([0, 1]).toContain(sizeMegabytes);
      }
    });

    it('samples columns with their coverage, and guesses with reasons and alternatives', async () => {
      const { sampledRows, whole, columns } = await ask<ColumnsLook>('columns', { table });
      expect([sampledRows, whole]).toEqual([10, true]);
      const found = Object.fromEntries(
        columns.map(({ column, coverage, guess }) => [
          column,
          [coverage, guess.encoding, guess.fieldType, guess.sure],
        ]),
      );
      expect(found).toEqual({
        'f:name': [1, 'text', 'string', 'likely'],
        'f:count': [1, 'int64', 'bigint', 'likely'],
        'f:seen': [1, 'epoch-ms', 'datetime(3)', 'likely'],
        // Eight digits are eight bytes, too.
        'f:digits': [1, 'text', 'bigint', 'open'],
        'f:rare': [0.5, 'text', 'decimal(38,10)', 'likely'],
      });
      const digits = columns.find(({ column }) => column === 'f:digits')?.guess;
      expect(digits).toMatchObject({ guessed: true, example: '12345678' });
      expect(digits?.reason.en).toContain('10 sampled values');
      expect(digits?.reason.zh).toContain('10 个采样值');
      expect(digits?.alternatives).toContainEqual({
        encoding: 'int64',
        fieldType: 'bigint',
        example: Buffer.from('12345678').readBigInt64BE().toString(),
      });
    });

    it('shows sample rows, as many as asked, with printable keys', async () => {
      const { rows } = await ask<{ rows: RowLook[] }>('rows', { table, rows: 100 });
      expect(rows.map(({ key }) => key)).toEqual([...'0,1,2,3,4,5,6,7,8'.split(','), '9\\x00\\xFF']);
      expect(rows[0]?.cells).toContainEqual({
        column: 'f:count',
        timestamp: expect.any(Number) as number,
        value: '\\x00'.repeat(8),
        bytes: 8,
      });
      expect((await ask<{ rows: RowLook[] }>('rows', { table, rows: 3 })).rows).toHaveLength(3);
    });

    const wholeKey = {
      sourceFiled: 'id',
      targetFiled: 'id',
      fieldType: 'bytes',
      ispk: '1',
      encoding: 'bytes',
    };
    const test = (
      entries: readonly Record<string, string>[],
      id: Record<string, string> = wholeKey,
    ): Promise<MappingLook> =>
      ask('mapping', {
        config: {
          ...bed.place,
          'pkuse.hbase.table.name': table,
          'pkuse.hbase.filed.columnsKey': id['sourceFiled'] ?? '',
          'pkuse.hbase.filed.mapping': JSON.stringify([id, ...entries]),
        },
      });

    it('tries a mapping on sample rows and explains each value that does not fit', async () => {
      const { problems, rows } = await test([
        { sourceFiled: 'f:name', targetFiled: 'name', fieldType: 'string' },
        { sourceFiled: 'f:count', targetFiled: 'count', fieldType: 'bigint' },
        { sourceFiled: 'f:digits', targetFiled: 'digits', fieldType: 'int', encoding: 'int32' },
        { sourceFiled: 'f:rare', targetFiled: 'rare', fieldType: 'decimal(10,2)' },
      ]);
      expect(problems).toEqual([]);
      expect(rows).toHaveLength(10);
      const [row] = rows;
      expect(row).toMatchObject({ key: '0', outcome: 'dirty', values: { name: 'name 0', count: null } });
      expect(row?.errors).toMatchObject([
        {
          field: 'count',
          column: 'f:count',
          bytesHex: '00'.repeat(8),
          expected: 'text for a field of type bigint',
        },
        { field: 'digits', column: 'f:digits', reason: 'int32 takes 4 bytes, the value has 8' },
      ]);
      expect(row?.errors[0]?.hint.en).toContain('Read as');
      expect(row?.errors[1]?.hint.zh).toContain("'12345678'");
      // A column that a row does not have is NULL, which fits.
      expect(rows.find(({ key }) => key === '7')?.values).toMatchObject({ rare: null });
    });

    it('tries pseudo fields and byte rules, and explains a key that a rule does not fit', async () => {
      const { problems, rows } = await test([
        { sourceFiled: 'rowkey()', targetFiled: 'part', fieldType: 'string', byterule: 'slice(2,2)' },
        { sourceFiled: 'f:*', targetFiled: 'all', fieldType: 'json' },
        { sourceFiled: 'timestamp()', targetFiled: 'at', fieldType: 'tinyint' },
      ]);
      expect(problems).toEqual([]);
      const byKey = new Map(rows.map((row) => [row.key, row]));
      const [rule, time] = byKey.get('0')?.errors ?? [];
      expect(rule).toMatchObject({
        field: 'part',
        column: 'the row key',
        bytesHex: '30',
        expected: 'text for a field of type string, behind slice(2,2)',
        reason: '1 byte where at least 3 are needed',
      });
      expect(rule?.hint.en).toContain('The byterule must fit every row key');
      expect(time).toMatchObject({
        field: 'at',
        column: 'timestamp()',
        reason: 'out of the range of tinyint',
      });
      expect(time?.bytesHex).toMatch(/^[0-9a-f]{16}$/);
      expect(byKey.get('0')?.values['all']).toContain('"name":"name 0"');
    });

    it('says that rows could merge in the target, and what to map', async () => {
      const id = { sourceFiled: 'rowkey()', targetFiled: 'id', fieldType: 'bytes', ispk: '1' };
      const { problems } = await test([], { ...id, encoding: 'bytes', byterule: 'slice(1,1)' });
      expect(problems).toEqual([expect.stringContaining('different rows could be one: add a field')]);
    });

    it('finds a mapping that fits, and says what is wrong with one that is none', async () => {
      const good = await test([
        { sourceFiled: 'f:count', targetFiled: 'count', fieldType: 'bigint', encoding: 'int64' },
      ]);
      expect(good.rows.every(({ outcome, errors }) => outcome === 'row' && errors.length === 0)).toBe(true);
      expect(good.rows.map(({ values }) => values['count'])).toContain('8000');
      const [problem] = (await test([{ sourceFiled: 'x:y', targetFiled: 'y', fieldType: 'string' }]))
        .problems;
      expect(problem).toContain("no family 'x'");
      expect(
        (await test([{ sourceFiled: 'f:name', targetFiled: 'n', fieldType: 'text2' }])).problems,
      ).toHaveLength(1);
    });

    it('says within seconds that a table, a class or HBase itself is not there; and asks for a token', async () => {
      const refused = async (body: Record<string, unknown>, what = 'rows', bearer: string | null = token) => {
        const payload = { connector, config: bed.place, ...(what === 'rows' ? { table } : {}), ...body };
        const asked = { method: 'POST', url: `/api/v1/sources/${what}`, payload, token: bearer } as const;
        const { status, body: problem } = await api.ask(asked);
        return [status, problem.code];
      };
      expect(await refused({ table: 'not_there' })).toEqual([404, 'NOT_FOUND']);
      expect(await refused({ connector: 'NoSuch' })).toEqual([404, 'NOT_FOUND']);
      expect(await refused({ connector: 'FakeSource' })).toEqual([400, 'NOT_YET']);
      expect(await refused({ config: {} })).toEqual([400, 'BAD_INPUT']);
      expect(await refused({}, 'rows', null)).toEqual([401, 'UNAUTHORIZED']);
      const start = Date.now();
      // A port that nobody listens on.
      const nowhere = { 'hbase.masters': '127.0.0.1:1' };
      expect(await refused({ config: nowhere }, 'namespaces')).toEqual([502, 'SOURCE_UNREACHABLE']);
      expect(Date.now() - start).toBeLessThan(10_000);
    });
  });
}
