import { describe, expect, it } from 'vitest';
import type { MysqlPlan } from '../../../connectors/mysql/write/plan.ts';
import type { MysqlSession, Value } from '../../../connectors/mysql/session/session.ts';
import { writeRows } from '../../../connectors/mysql/write/write-rows.ts';
import { batchOf, fieldOf } from '../../conformance/sink-bed.ts';

const plan: MysqlPlan = {
  name: 'shop.t',
  table: '`shop`.`t`',
  fields: [fieldOf('id', { kind: 'string', length: 0 }), fieldOf('value', { kind: 'string', length: 0 })],
  columns: ['id', 'value'],
  key: [0],
  keyOrder: null,
  keyColumns: [
    { term: '`id`', value: (parameter) => parameter, mayHold: () => true, compared: null, merging: null },
  ],
  checks: [],
  insertMode: 'upsert',
  loadCharset: null,
  guardKey: false,
};

describe('rows as prepared statements', () => {
  it('are never more in one than the server takes in a packet', async () => {
    const maxPacketBytes = 1_000_000;
    const statements: number[] = [];
    const session = {
      server: { maxPacketBytes },
      command: () => Promise.resolve(),
      write: (_: string, values: readonly Value[]) => {
        statements.push(values.reduce((sum, value) => sum + (value?.length ?? 0), 0));
        return Promise.resolve({ affected: values.length, warnings: 0 });
      },
    };
    const rows = Array.from({ length: 40 }, (_, at) => [`r${at}`, 'x'.repeat(100_000)]);
    const tooLong = ['big', 'x'.repeat(maxPacketBytes)];
    const refused = await writeRows(session as unknown as MysqlSession, plan, batchOf([...rows, tooLong]));
    expect(refused.map(({ key }) => key)).toEqual(['big']);
    expect(statements.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(4_000_000);
    expect(Math.max(...statements)).toBeLessThan(maxPacketBytes);
  });
});
