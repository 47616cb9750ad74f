// Names and values in SQLite's SQL.
import { checkedHex, checkedNumber, fromSql, quoteName, quoteText } from '../../sql/source/checked-words.ts';
import type { Order, SqlWords } from '../../sql/source/dialect.ts';
import { instantText } from '../../sql/source/increments/time-text.ts';

export const sqliteWords: SqlWords = {
  quote,
  literal,
  // In hex, as its column gives it: a text may hold what the driver can't give or take.
  bound: (text, order) =>
    order === 'number'
      ? literal(text, order)
      : order === 'bytes'
        ? `X'${checkedHex(text)}'`
        : `CAST(X'${checkedHex(text)}' AS TEXT)`,
  // Of NULL it would be the empty text.
  hex: (expression) => `CASE WHEN ${expression} IS NOT NULL THEN hex(${expression}) END`,
  binary: (expression) => `CAST(${expression} AS BLOB)`,
  // Times are text in several forms: compared as one of milliseconds.
  ordered: (quoted, order) => (order === 'time' ? `strftime('${milliseconds}', ${quoted})` : quoted),
  instant: (micros) => literal(instantText(micros), 'time'),
  from: (place) => fromSql(place, ({ table }) => `main.${quote(table)}`),
};

const milliseconds = '%Y-%m-%d %H:%M:%f';

function quote(name: string): string {
  return quoteName(name, '"');
}

function literal(text: string, order: Order): string {
  if (order === 'number') return checkedNumber(text);
  if (order === 'bytes') return `X'${checkedHex(text)}'`;
  const quoted = quoteText(text);
  return order === 'time' ? `strftime('${milliseconds}', ${quoted})` : quoted;
}
