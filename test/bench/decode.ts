// Micro benchmark of the HBase cell decoder: µs of one thread per row of 10 columns, escapes included, on a synthetic cell block.
// Run: node --import tsx test/bench/decode.ts
import type { RowOutput } from '../../src/core/connector/contract.ts';
import { CellDecoder } from '../../connectors/hbase/mapping/cell-decoder.ts';
import { parseFieldMapping } from '../../connectors/hbase/mapping/field-mapping.ts';
import { encodeCells } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { Cell } from '../../connectors/hbase/client/wire/cell-block.ts';

const rows = 4_257;
const rounds = 40;
const repeats = 15;

interface Column {
  readonly name: string;
  readonly type: string;
  readonly encoding: string;
  readonly value: (row: number) => Buffer;
}

const text = (make: (row: number) => string) => (row: number) => Buffer.from(make(row));

function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

const remark = (row: number): string =>
  `delivery note ${row} for the warehouse,\tleave at the door${row % 20 === 0 ? '\nsecond line \\ "quoted"' : ' please'}`;

const strings: readonly Column[] = [
  {
    name: 'address',
    type: 'string',
    encoding: 'text',
    value: text((row) => `No. ${row} Chang'an Avenue, Beijing`),
  },
  {
    name: 'amount',
    type: 'decimal(18,2)',
    encoding: 'text',
    value: text((row) => `${row * 7}.${10 + (row % 90)}`),
  },
  {
    name: 'city',
    type: 'varchar(40)',
    encoding: 'text',
    value: text((row) => ['北京', '上海', '广州'][row % 3] ?? ''),
  },
  {
    name: 'created',
    type: 'datetime',
    encoding: 'text',
    value: text((row) => `2026-01-0${1 + (row % 9)} 12:30:45`),
  },
  { name: 'name', type: 'string', encoding: 'text', value: text((row) => `customer ${row * 31}`) },
  { name: 'phone', type: 'string', encoding: 'text', value: text((row) => `1380013${1000 + (row % 9000)}`) },
  { name: 'remark', type: 'string', encoding: 'text', value: text(remark) },
  {
    name: 'status',
    type: 'string',
    encoding: 'text',
    value: text((row) => ['PAID', 'SHIPPED', 'NEW'][row % 3] ?? ''),
  },
  { name: 'units', type: 'int', encoding: 'text', value: text((row) => String(row % 1000)) },
  {
    name: 'user_id',
    type: 'bigint',
    encoding: 'text',
    value: text((row) => String(10_000_000_000 + row * 977)),
  },
];

const typed: readonly Column[] = strings.map((column) => {
  if (column.name === 'user_id')
    return { ...column, encoding: 'int64', value: (row) => long(9_007_199_254_740_993n + BigInt(row)) };
  if (column.name === 'amount')
    return {
      ...column,
      type: 'double',
      encoding: 'double',
      value: (row) => double(Math.round(row * 7.31 * 100) / 100),
    };
  if (column.name === 'created')
    return {
      ...column,
      encoding: 'epoch-ms',
      value: (row) => long(1_767_225_600_000n + BigInt(row) * 10_000n),
    };
  return column;
});

function makeBlock(columns: readonly Column[]): { block: Buffer; rowStarts: readonly number[] } {
  const parts: Buffer[] = [];
  const rowStarts = [0];
  for (let row = 0; row < rows; row += 1) {
    const key = Buffer.from(`9e${String(row).padStart(12, '0')}`);
    const cells = columns.map((column): Cell => {
      const value = column.value(row);
      return {
        row: key,
        family: Buffer.from('d'),
        qualifier: Buffer.from(column.name),
        timestamp: 1_767_225_600_000n,
        type: 'put',
        value,
      };
    });
    parts.push(encodeCells(cells));
    rowStarts.push((rowStarts.at(-1) ?? 0) + (parts.at(-1)?.length ?? 0));
  }
  return { block: Buffer.concat(parts), rowStarts };
}

function makeDecoder(columns: readonly Column[]): CellDecoder {
  const order = [...columns].reverse();
  const entries = order.map(({ name, type, encoding }) => ({
    sourceFiled: `d:${name}`,
    targetFiled: name,
    fieldType: type,
    encoding,
  }));
  const parsed = parseFieldMapping({ text: JSON.stringify(entries), keyName: '', defaultEncoding: 'text' });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return new CellDecoder(
    parsed.mapping.fields.map((field) => ({
      field,
      column: { family: field.family ?? '', qualifier: field.qualifier },
    })),
  );
}

function measure(name: string, columns: readonly Column[]): void {
  const { block, rowStarts } = makeBlock(columns);
  const decoder = makeDecoder(columns);
  let bytes = 0;
  const unexpected = (): never => {
    throw new Error('an unexpected kind of row');
  };
  const out: RowOutput = {
    row: (_bytes, _keyEnd, end) => {
      bytes += end;
    },
    dirty: unexpected,
    filtered: unexpected,
    nulled: unexpected,
    drained: () => Promise.resolve(),
  };
  const results: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    bytes = 0;
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1)
      for (let row = 0; row < rows; row += 1)
        decoder.decodeRow(block, rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0, out);
    const { user, system } = process.cpuUsage(before);
    results.push((user + system) / (rows * rounds));
  }
  const list = results.map((value) => value.toFixed(2)).join(' ');
  console.log(
    `${name}: µs CPU per row ${list}; ${(block.length / rows).toFixed(0)} B of cells, ${(bytes / rows / rounds).toFixed(0)} B of row and key`,
  );
}

measure('text columns', strings);
measure('typed columns', typed);
measure(
  'doubles of 17 digits',
  typed.map((column) =>
    column.name === 'amount' ? { ...column, value: (row: number) => double(row / 7) } : column,
  ),
);
