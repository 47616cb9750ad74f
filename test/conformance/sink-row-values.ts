// The store's suite, part: every value arrives as it was sent, or its row is refused and all others arrive.
import { expect, it } from 'vitest';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import type { RefusedRow } from '../../src/core/connector/sink-store.ts';
import { createRandom } from '../support/random.ts';
import { batchOf, fieldOf, openRun, pairs, pairsOf } from './sink-bed.ts';
import type { TargetKind, Tools } from './sink-bed.ts';

type Values = readonly (string | Uint8Array | null)[];

/** Writes batches one after the other in transactions of their own; gives the refusals of the last. */
export async function writeBatches(
  tools: Tools,
  table: string,
  batches: readonly (readonly Values[])[],
  options: { schema?: RowSchema; config?: ConnectorConfig } = {},
): Promise<readonly RefusedRow[]> {
  const config = tools.bed().configOf(table, options.config);
  const { store } = await openRun(tools.bed(), config, options.schema ?? pairs);
  try {
    let refused: readonly RefusedRow[] = [];
    for (const rows of batches) refused = await store.transaction((tx) => tx.writeRows(batchOf(rows)));
    return refused;
  } finally {
    await store.close();
  }
}

export function describeRowValues(tools: Tools, kind: TargetKind): void {
  describeText(tools);
  if (kind === 'sql') describeNames(tools);
  describeRandomText(tools);
  describeNumbers(tools);
  describeRefusals(tools);
  if (kind === 'sql') describeInsertModes(tools);
}

function describeText(tools: Tools): void {
  it('text arrives byte for byte: emoji, Chinese, tabs, line ends, backslashes, NUL, and `\\N` is not NULL', async () => {
    const table = tools.newTable();
    const rows: Values[] = [
      ['a', '中文😀é'],
      ['b', 'a\tb\nc\rd'],
      ['c', '\\ \\t \\'],
      ['d', tools.bed().storesNul === false ? '\\0' : 'x\0y'],
      ['e', '\\N'],
      ['f', null],
      ['g', ''],
      ['h', ' a '],
      ['i', `'"\`;--`],
      ['j', '\u001a\u0008'],
    ];
    expect(await writeBatches(tools, table, [rows])).toEqual([]);
    expect(await tools.bed().readRows(table, ['id', 'value'])).toEqual(rows);
    // And once more over the same keys, with one bad row, so that the general path writes them.
    const bad = [...rows, ['z', 'too long by far']];
    expect(await writeBatches(tools, table, [[['b', 'old']], bad])).toHaveLength(1);
    expect(await tools.bed().readRows(table, ['id', 'value'])).toEqual(rows);
  });

  it('keys that differ in case, accent or a blank at the end are rows of their own', async () => {
    const table = tools.newTable();
    const keys = ['KEY1', 'key1', 'key1 ', 'kéy1', 'ķey1'].sort();
    await writeBatches(tools, table, [keys.map((key) => [key, 'x']), keys.map((key) => [key, 'y'])]);
    const found = await tools.bed().readRows(table, ['id', 'value']);
    expect(found.map(([id]) => id).sort()).toEqual(keys);
    expect(found.every(([, value]) => value === 'y')).toBe(true);
  });

  it('text that is not utf-8 is refused, not turned into something else', async () => {
    const table = tools.newTable();
    const rows: Values[] = [
      ['a', 'ok'],
      ['b', Buffer.from([0x61, 0xff, 0xfe])],
      ['c', Buffer.from([0xed, 0xa0, 0x80])],
      ['d', Buffer.from([0xf0, 0x9f, 0x98])],
      ['e', 'ok'],
    ];
    const refused = await writeBatches(tools, table, [rows]);
    expect(refused.map(({ index, key, field, bytesHex }) => [index, key, field, bytesHex])).toEqual([
      [1, 'b', 'value', '61fffe'],
      [2, 'c', 'value', 'eda080'],
      [3, 'd', 'value', 'f09f98'],
    ]);
    expect(await tools.bed().readRows(table, ['id', 'value'])).toEqual([
      ['a', 'ok'],
      ['e', 'ok'],
    ]);
  });

  it('bytes arrive as they are, whatever they are', async () => {
    const table = tools.newTable();
    const schema: RowSchema = {
      fields: [fieldOf('id', { kind: 'int32' }, false), fieldOf('b', { kind: 'bytes', length: 0 })],
      key: ['id'],
    };
    const all = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const rows: Values[] = [
      ['1', all],
      ['2', Buffer.alloc(0)],
      ['3', null],
      ['4', Buffer.from([0x5c, 0x4e])],
    ];
    const wanted = [
      ['1', all.toString('hex').toUpperCase()],
      ['2', ''],
      ['3', null],
      ['4', '5C4E'],
    ];
    expect(await writeBatches(tools, table, [rows], { schema })).toEqual([]);
    const read = async (): Promise<unknown> =>
      (await tools.bed().readRows(table, ['id', 'b IS NULL', 'HEX(b)'])).map(([id, isNull, hex]) => [
        id,
        isNull === '1' ? null : hex,
      ]);
    expect(await read()).toEqual(wanted);
    // The general path too: a row with a bad key goes with them.
    expect(await writeBatches(tools, table, [[...rows, ['x', all]]], { schema })).toHaveLength(1);
    expect(await read()).toEqual(wanted);
  });
}

function describeNames(tools: Tools): void {
  it('fields and columns may be called anything a name may be', async () => {
    const table = `${tools.newTable()} 订单-"x`.replace('"', '');
    const schema: RowSchema = {
      fields: [
        fieldOf('select', { kind: 'string', length: 9 }, false),
        fieldOf('a b', { kind: 'int32' }),
        fieldOf('名字', { kind: 'int32' }),
        fieldOf('x.y(?)%', { kind: 'int32' }),
      ],
      key: ['select'],
    };
    expect(await writeBatches(tools, table, [[['k', '1', '2', '3']]], { schema })).toEqual([]);
    const columns = ['`select`', '`a b`', '`名字`', '`x.y(?)%`'];
    expect(await tools.bed().readRows(table, columns)).toEqual([['k', '1', '2', '3']]);
  });
}

/** Text of the characters that could mean something on the way. */
function randomText(random: (below: number) => number, storesNul: boolean): string {
  const chars = [
    '\t',
    '\n',
    '\r',
    '\\',
    '\0',
    'N',
    't',
    'n',
    '0',
    "'",
    '"',
    ',',
    ' ',
    'é',
    '中',
    '😀',
    '\u2028',
  ].filter((char) => storesNul || char !== '\0');
  return Array.from({ length: random(12) }, () => chars[random(chars.length)] ?? '').join('');
}

function describeRandomText(tools: Tools): void {
  it('any mix of characters arrives as it was sent, by every path', async () => {
    const random = createRandom(20240229);
    const schema = pairsOf({ kind: 'string', length: 0 });
    const rows = Array.from({ length: 400 }, (_, at): Values => [
      String(at).padStart(4, '0'),
      random(20) === 0 ? null : randomText(random, tools.bed().storesNul ?? true),
    ]);
    const fast = tools.newTable();
    expect(await writeBatches(tools, fast, [rows], { schema })).toEqual([]);
    expect(await tools.bed().readRows(fast, ['id', 'value'])).toEqual(rows);
    const general = tools.newTable();
    const bad: Values = ['bad', Buffer.from([0xff])];
    expect(await writeBatches(tools, general, [[...rows, bad]], { schema })).toHaveLength(1);
    expect(await tools.bed().readRows(general, ['id', 'value'])).toEqual(rows);
  });
}

function describeNumbers(tools: Tools): void {
  const schema: RowSchema = {
    fields: [
      fieldOf('id', { kind: 'int64' }, false),
      fieldOf('small', { kind: 'int8' }),
      fieldOf('money', { kind: 'decimal', precision: 38, scale: 10 }),
      fieldOf('yes', { kind: 'boolean' }),
      fieldOf('born', { kind: 'date' }),
      fieldOf('at', { kind: 'timestamp', precision: 6 }),
      fieldOf('wakes', { kind: 'time', precision: 0 }),
      fieldOf('doc', { kind: 'json' }),
    ],
    key: ['id'],
  };
  const rows: Values[] = [
    [
      '-9223372036854775808',
      '-128',
      '-9999999999999999999999999999.9999999999',
      '1',
      '1000-01-01',
      '1000-01-01 00:00:00.000000',
      '00:00:00',
      '{}',
    ],
    [
      '0',
      '0',
      '0.0000000000',
      '0',
      '2024-02-29',
      '2024-03-31 02:30:00.123456',
      '23:59:59',
      '{"a": "中\\\\n"}',
    ],
    [
      '9223372036854775807',
      '127',
      '9999999999999999999999999999.9999999999',
      '1',
      '9999-12-31',
      '9999-12-31 23:59:59.999999',
      '12:00:01',
      '[1, null]',
    ],
  ];
  const columns = schema.fields.map((field) => field.name);

  it('64-bit integers, decimals, dates and times arrive digit for digit', async () => {
    const table = tools.newTable();
    expect(await writeBatches(tools, table, [rows], { schema })).toEqual([]);
    expect(await tools.bed().readRows(table, columns)).toEqual(rows);
    const bad = [...rows, ['1', '128', ...(rows[1]?.slice(2) ?? [])]];
    const [refused] = await writeBatches(tools, table, [bad], { schema });
    expect(refused).toMatchObject({ index: 3, key: '1', field: 'small', bytesHex: '313238' });
    expect(await tools.bed().readRows(table, columns)).toEqual(rows);
  });

  it('doubles read back equal', async () => {
    const table = tools.newTable();
    const doubles: RowSchema = {
      fields: [fieldOf('id', { kind: 'int32' }, false), fieldOf('d', { kind: 'float64' })],
      key: ['id'],
    };
    const values = [
      0.1,
      1 / 3,
      5e-324,
      1.7976931348623157e308,
      -2.2250738585072014e-308,
      123456789.12345678,
      9007199254740993,
      -0.5,
    ];
    const texts = values.map((value, at): Values => [String(at), String(value)]);
    expect(await writeBatches(tools, table, [texts], { schema: doubles })).toEqual([]);
    const bad: Values[] = [...texts, ['8', 'NaN'], ['9', 'Infinity'], ['10', '1e400'], ['11', '']];
    const refused = await writeBatches(tools, table, [bad], { schema: doubles });
    expect(refused.map((row) => row.key)).toEqual(['8', '9', '10', '11']);
    const found = await tools.bed().readRows(table, ['id', 'd']);
    expect(found.map(([, d]) => Number(d))).toEqual(values);
  });
}

function describeRefusals(tools: Tools): void {
  it('one bad row in a hundred is found, described, and all others are written', async () => {
    const table = tools.newTable();
    const schema: RowSchema = {
      fields: [
        fieldOf('id', { kind: 'string', length: 16 }, false),
        fieldOf('n', { kind: 'int32' }),
        fieldOf('born', { kind: 'date' }),
        fieldOf('name', { kind: 'string', length: 5 }, false),
      ],
      key: ['id'],
    };
    const bad: Record<number, Values> = {
      0: ['r0', 'abc', null, 'x'],
      99: ['r99', '2147483648', null, 'x'],
      100: ['r100', '1', '2023-02-29', 'x'],
      101: ['r101', '1', '2023-02-28', 'too long'],
      555: ['r555', '1', '2023-02-28', null],
      777: [null, '1', '2023-02-28', 'x'],
      778: ['r778', '', null, 'x'],
      999: ['r\tü', '1.5.6', null, 'x'],
    };
    const rows = Array.from(
      { length: 1000 },
      (_, at): Values => bad[at] ?? [`r${at}`, String(at), '2020-01-01', '五个汉字😀'],
    );
    const refused = await writeBatches(tools, table, [rows], { schema });
    expect(refused.map(({ index, key, field }) => [index, key, field])).toEqual([
      [0, 'r0', 'n'],
      [99, 'r99', 'n'],
      [100, 'r100', 'born'],
      [101, 'r101', 'name'],
      [555, 'r555', 'name'],
      [777, 'NULL', 'id'],
      [778, 'r778', 'n'],
      [999, 'r\\x09\\xC3\\xBC', 'n'],
    ]);
    for (const row of refused) {
      expect(row.reason).not.toBe('');
      expect(row.reason).not.toMatch(/at row \d/);
    }
    expect(refused[0]?.bytesHex).toBe('616263');
    const found = await tools.bed().readRows(table, ['id', 'n', 'name']);
    expect(found).toHaveLength(992);
    expect(found).toContainEqual(['r998', '998', '五个汉字😀']);
  });

  it('a row with too few or too many fields is refused', async () => {
    const table = tools.newTable();
    const rows: Values[] = [['a', 'x'], ['b'], ['c', 'x', 'y'], ['d', 'x']];
    const refused = await writeBatches(tools, table, [rows]);
    expect(refused.map(({ index, key }) => [index, key])).toEqual([
      [1, 'b'],
      [2, 'c'],
    ]);
    expect(await tools.bed().readRows(table, ['id'])).toEqual([['a'], ['d']]);
  });

  it('a batch of bad rows only writes nothing, and an empty one is nothing', async () => {
    const table = tools.newTable();
    const rows = Array.from({ length: 20 }, (_, at): Values => [`r${at}`, 'much too long']);
    expect(await writeBatches(tools, table, [rows])).toHaveLength(20);
    expect(await writeBatches(tools, table, [[]])).toEqual([]);
    expect(await tools.bed().readRows(table, ['id'])).toEqual([]);
  });

  it('of rows with the same key in one batch the last one stays', async () => {
    const table = tools.newTable();
    const rows = Array.from({ length: 50 }, (_, at): Values => [`k${at % 3}`, String(at)]);
    expect(await writeBatches(tools, table, [rows])).toEqual([]);
    const wanted = [
      ['k0', '48'],
      ['k1', '49'],
      ['k2', '47'],
    ];
    expect(await tools.bed().readRows(table, ['id', 'value'])).toEqual(wanted);
    expect(await writeBatches(tools, table, [[...rows, ['z', 'much too long']]])).toHaveLength(1);
    expect(await tools.bed().readRows(table, ['id', 'value'])).toEqual(wanted);
  });
}

function describeInsertModes(tools: Tools): void {
  it('insert refuses a row that exists, in the target or in the batch, and leaves the one that is there', async () => {
    const table = tools.newTable();
    const config = { 'insert.mode': 'insert' };
    const rows: Values[] = [
      ['a', '1'],
      ['b', '1'],
      ['b', '2'],
    ];
    expect(await writeBatches(tools, table, [rows], { config })).toMatchObject([{ index: 2, key: 'b' }]);
    const again: Values[] = [
      ['c', '3'],
      ['a', '3'],
    ];
    expect(await writeBatches(tools, table, [again], { config })).toMatchObject([{ index: 1, key: 'a' }]);
    expect(await tools.bed().readRows(table, ['id', 'value'])).toEqual([
      ['a', '1'],
      ['b', '1'],
      ['c', '3'],
    ]);
  });

  it('update changes rows that exist and refuses those that do not', async () => {
    const table = tools.newTable();
    await writeBatches(tools, table, [[['a', '1']]]);
    const rows: Values[] = [
      ['a', '2'],
      ['b', '2'],
      ['a', '2'],
      ['a', 'much too long'],
    ];
    const refused = await writeBatches(tools, table, [rows], { config: { 'insert.mode': 'update' } });
    expect(refused).toMatchObject([
      { index: 1, key: 'b', reason: 'no row of the target has this key' },
      { index: 3, key: 'a', field: 'value' },
    ]);
    expect(await tools.bed().readRows(table, ['id', 'value'])).toEqual([['a', '2']]);
  });
}
