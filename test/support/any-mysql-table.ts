// Random tables over all column types of a MySQL or MariaDB server, for fields of given types.
import type { Connection } from 'mysql2/promise';
import type { Field, FieldType } from '../../src/core/connector/field-type.ts';
import type { AnyTable } from '../conformance/any-table-values.ts';
import { anyFieldType, oneOf, type Random } from './any-values.ts';

export interface ServerTypes {
  readonly types: readonly string[];
  readonly collations: readonly { readonly charset: string; readonly name: string }[];
}

const texts = [
  'VARCHAR(1)',
  'VARCHAR(5)',
  'VARCHAR(64)',
  'VARCHAR(20) COMPRESSED',
  'TINYTEXT',
  'TEXT',
  'LONGTEXT',
];
const integers = ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT'].flatMap((type) =>
  ['', ' UNSIGNED', ' ZEROFILL'].map((attribute) => `${type}${attribute}`),
);
const floats = ['FLOAT', 'FLOAT UNSIGNED', 'FLOAT(7,2)', 'DOUBLE', 'DOUBLE ZEROFILL', 'DOUBLE(10,3)', 'REAL'];
const decimals = [
  'DECIMAL(4,2)',
  'DECIMAL(20,0) UNSIGNED',
  'DECIMAL(38,10)',
  'DECIMAL(65,30)',
  'DECIMAL(65,10) ZEROFILL',
];
const times = [
  'DATE',
  'YEAR',
  ...['TIME', 'DATETIME', 'TIMESTAMP'].flatMap((type) => [type, `${type}(3)`, `${type}(6)`]),
];
const bytes = [
  'BINARY(1)',
  'BINARY(5)',
  'BINARY(64)',
  'VARBINARY(5)',
  'VARBINARY(64)',
  'TINYBLOB',
  'BLOB',
  'LONGBLOB',
];
const chars = ['CHAR(1)', 'CHAR(5)', 'CHAR(64)'];
const members = ["'25','4','7'", "'a','B','ß'", "'','x'", "'it''s','a\\\\b'", "'中','é','K'"];
const chosen = members.flatMap((list) => [`ENUM(${list})`, `SET(${list})`]);
const rare = [
  'BIT(1)',
  'BIT(64)',
  'JSON',
  'UUID',
  'INET4',
  'INET6',
  'POINT',
  'GEOMETRY',
  'VECTOR(4)',
  'XMLTYPE',
];
const integerBytes: Readonly<Record<string, number>> = {
  TINYINT: 1,
  SMALLINT: 2,
  MEDIUMINT: 3,
  INT: 4,
  BIGINT: 8,
};
const withCharset = /^(VAR)?CHAR|TEXT|^ENUM|^SET/;

/** Which of all known types the server has. */
export async function readServerTypes(connection: Connection): Promise<ServerTypes> {
  const types: string[] = [];
  for (const type of [
    ...texts,
    ...integers,
    ...floats,
    ...decimals,
    ...times,
    ...bytes,
    ...chars,
    ...chosen,
    ...rare,
  ])
    try {
      await connection.query(`CREATE OR REPLACE TEMPORARY TABLE any_type (value ${type})`);
      types.push(type);
    } catch {
      // Of another server or version.
    }
  const [rows] = await connection.query(
    'SELECT collation_name AS name, character_set_name AS charset FROM information_schema.collations WHERE character_set_name IS NOT NULL',
  );
  return { types, collations: rows as unknown as ServerTypes['collations'] };
}

export function anyTable(random: Random, server: ServerTypes): AnyTable {
  const of = (name: string, type: FieldType, optional: boolean): Field => ({ name, type, optional });
  const keys = Array.from({ length: 1 + (random(4) === 0 ? 1 : 0) }, (_, at) =>
    of(`k${at}`, anyKeyType(random), false),
  );
  const values = Array.from({ length: 1 + random(4) }, (_, at) =>
    of(`c${at}`, anyFieldType(random), random(4) > 0),
  );
  const columns = [
    ...keys.map((field) => `${field.name} ${typeFor(random, server, field, true)} NOT NULL`),
    ...values.map((field) => `${field.name} ${typeFor(random, server, field, false)}`),
    ...oneOf(random, [
      [],
      [],
      [],
      ['own INT NULL'],
      ['g INT AS (1) VIRTUAL'],
      ['seq INT AUTO_INCREMENT UNIQUE'],
    ]),
    `PRIMARY KEY (${keys.map(({ name }) => name).join(', ')})`,
    ...oneOf(random, [[], [], [], [], ['UNIQUE (c0)'], ['KEY (c0)'], ['CHECK (c0 <> 5)']]),
  ];
  const options = oneOf(random, [
    '',
    '',
    '',
    '',
    'PARTITION BY KEY () PARTITIONS 3',
    'WITH SYSTEM VERSIONING',
    'ROW_FORMAT=COMPRESSED',
  ]);
  const trigger = oneOf(random, ['', '', '', '', '', '', 'BEFORE INSERT', 'BEFORE UPDATE', 'AFTER INSERT']);
  return {
    fields: [...keys, ...values].sort(() => random(3) - 1),
    key: keys.map(({ name }) => name),
    ddl: [
      `CREATE TABLE % (${columns.join(', ')}) CHARACTER SET utf8mb4 ${options}`,
      ...(trigger === '' ? [] : [`CREATE TRIGGER %_t ${trigger} ON % FOR EACH ROW SET @seen = 1`]),
    ],
  };
}

function anyKeyType(random: Random): FieldType {
  return oneOf<() => FieldType>(random, [
    () => ({ kind: 'string', length: oneOf(random, [0, 5, 64]) }),
    () => ({ kind: 'string', length: oneOf(random, [0, 5, 64]) }),
    () => ({ kind: oneOf(random, ['int8', 'int32', 'int64', 'int64']) }),
    () => anyFieldType(random),
  ])();
}

/** Mostly one that keeps the field's values, now and then any. */
function typeFor(random: Random, server: ServerTypes, { type }: Field, isKey: boolean): string {
  const likely = random(12) === 0 ? server.types : likelyTypes(random, type);
  const declared = likely[random(likely.length)] ?? 'VARCHAR(64)';
  const [attributes, charset] = [
    anyAttributes(random, declared),
    anyCharset(random, declared, server, isKey),
  ];
  return `${declared}${charset}${isKey ? '' : attributes}`;
}

function likelyTypes(random: Random, type: FieldType): readonly string[] {
  switch (type.kind) {
    case 'bytes':
      return ['VARBINARY(5)', 'VARBINARY(64)', 'TINYBLOB', 'BLOB', `BINARY(${Math.max(1, type.length)})`];
    case 'string':
      return [...texts, ...chars, ...chosen, 'VARBINARY(64)', 'BLOB'];
    case 'json':
      return ['JSON', ...texts];
    case 'boolean':
      return [...integers, 'CHAR(1)'];
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64': {
      const bytes = Number(type.kind.slice(3)) / 8;
      const wide = integers.filter((each) => (integerBytes[each.split(' ')[0] ?? ''] ?? 0) >= bytes);
      const others = [...(bytes < 8 ? ['DOUBLE'] : []), ...(bytes < 4 ? ['FLOAT'] : [])];
      return [...wide, ...wide, ...others, 'DECIMAL(20,0) UNSIGNED', 'DECIMAL(65,30)', 'VARCHAR(64)'];
    }
    case 'float32':
      return ['FLOAT', 'FLOAT UNSIGNED', 'DOUBLE', 'REAL', 'VARCHAR(64)'];
    case 'float64':
      return ['DOUBLE', 'DOUBLE ZEROFILL', 'REAL', 'VARCHAR(64)'];
    case 'decimal': {
      const more = random(Math.min(3, 65 - type.precision + 1));
      const exact = `DECIMAL(${type.precision + more}, ${type.scale})`;
      return [exact, `${exact} UNSIGNED`, `${exact} ZEROFILL`, 'VARCHAR(64)'];
    }
    case 'date':
      return ['DATE', 'DATETIME', 'DATETIME(3)', 'TIMESTAMP', 'TIMESTAMP(6)', 'CHAR(64)'];
    case 'time':
      return [`TIME(${type.precision})`, 'TIME(6)', 'VARCHAR(64)'];
    case 'timestamp':
      return ['DATETIME', 'TIMESTAMP', 'DATETIME', 'TIMESTAMP'].map((each, at) =>
        at < 2 ? `${each}(${type.precision})` : `${each}(6)`,
      );
    default:
      return ['VARCHAR(64)'];
  }
}

function anyCharset(random: Random, declared: string, { collations }: ServerTypes, isKey: boolean): string {
  if (!withCharset.test(declared)) return '';
  const exact = collations.filter(({ name }) => name.endsWith(isKey ? 'nopad_bin' : '_bin'));
  const from = random(isKey ? 8 : 3) === 0 ? collations : exact;
  const collation = random(2) === 0 && isKey ? null : from[random(from.length)];
  const { charset, name } = collation ?? { charset: 'utf8mb4', name: 'utf8mb4_nopad_bin' };
  return random(3) === 0 && !isKey ? '' : ` CHARACTER SET ${charset} COLLATE ${name}`;
}

function anyAttributes(random: Random, declared: string): string {
  const nothing = oneOf(random, ['', ' NULL', ' NULL', ' NOT NULL', ' NOT NULL']);
  const standard = oneOf(random, ['', '', ` DEFAULT ${defaultFor(declared)}`, ' INVISIBLE']);
  const update =
    /^(TIMESTAMP|DATETIME)$/.test(declared) && random(4) === 0 ? ' ON UPDATE CURRENT_TIMESTAMP' : '';
  const automatic = /INT$/.test(declared) && random(8) === 0 ? ' NOT NULL AUTO_INCREMENT UNIQUE' : '';
  return automatic === '' ? `${nothing}${standard}${update}` : automatic;
}

function defaultFor(declared: string): string {
  if (/^(TIMESTAMP|DATETIME)$/.test(declared)) return 'CURRENT_TIMESTAMP';
  if (/^(DATE|TIME)/.test(declared)) return `'2020-01-01 00:00:00'`;
  return /CHAR|TEXT|BLOB|BINARY|ENUM|SET/.test(declared) ? `'x'` : '5';
}
