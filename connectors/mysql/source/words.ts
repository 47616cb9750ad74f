// Names and values in MySQL's SQL. Values are hex, so that nothing in them is ever read as SQL, whatever the server's modes are.
import { checkedHex, checkedNumber, fromSql, quoteName } from '../../sql/source/checked-words.ts';
import type { Order, SqlWords } from '../../sql/source/dialect.ts';
import { utc } from '../../../src/core/time/time-zone.ts';
import { localText } from '../../sql/source/increments/time-text.ts';

export const mysqlWords: SqlWords = {
  quote,
  literal,
  bound: literal,
  hex: (expression) => `HEX(${expression})`,
  binary: (expression) => `CAST(CONVERT(${expression} USING utf8mb4) AS BINARY)`,
  ordered: (quoted) => quoted,
  instant: (micros) => literal(localText(micros, utc), 'time'),
  from: (place) => fromSql(place, ({ namespace, table }) => `${quote(namespace)}.${quote(table)}`),
};

function quote(name: string): string {
  return quoteName(name, '`');
}

function literal(text: string, order: Order): string {
  if (order === 'number') return checkedNumber(text);
  if (order === 'bytes') return `X'${checkedHex(text)}'`;
  return `_utf8mb4 X'${Buffer.from(text).toString('hex')}'`;
}
