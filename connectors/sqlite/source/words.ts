// Names and values in SQLite's SQL.
import type { Order, ReadPlace, SqlWords } from '../../sql/source/dialect.ts';
import { instantText } from '../../sql/source/increments/time-text.ts';

export const sqliteWords: SqlWords = {
  quote,
  literal,
  // Of NULL it would be the empty text.
  hex: (expression) => `CASE WHEN ${expression} IS NOT NULL THEN hex(${expression}) END`,
  binary: (expression) => `CAST(${expression} AS BLOB)`,
  // Times are text in several forms: compared as one of milliseconds.
  ordered: (quoted, order) => (order === 'time' ? `strftime('${milliseconds}', ${quoted})` : quoted),
  instant: (micros) => literal(instantText(micros), 'time'),
  from: (place: ReadPlace) =>
    place.kind === 'table' ? `main.${quote(place.table)}` : `(${place.sql}\n) AS syncline_query`,
};

const milliseconds = '%Y-%m-%d %H:%M:%f';

function quote(name: string): string {
  if (name === '' || name.includes('\0')) throw new TypeError('a name that no database has');
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string, order: Order): string {
  if (order === 'number') {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw new TypeError(`no number: ${text}`);
    return text;
  }
  if (order === 'bytes') {
    if (!/^(?:[\da-f]{2})*$/i.test(text)) throw new TypeError(`no bytes in hex: ${text}`);
    return `X'${text}'`;
  }
  const quoted = `'${text.replaceAll('\0', '').replaceAll("'", "''")}'`;
  return order === 'time' ? `strftime('${milliseconds}', ${quoted})` : quoted;
}
