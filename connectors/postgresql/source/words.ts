// Names and values in PostgreSQL's SQL, with standard_conforming_strings on: in a text only the quote itself is special.
import type { Order, ReadPlace, SqlWords } from '../../sql/source/dialect.ts';
import { instantText } from '../../sql/source/increments/time-text.ts';

export const postgresWords: SqlWords = {
  quote,
  literal,
  hex: (expression) => `encode(${expression}, 'hex')`,
  binary: (expression) => `convert_to(${expression}, 'UTF8')`,
  ordered: (quoted) => quoted,
  instant: (micros) => literal(instantText(micros), 'time'),
  from: (place: ReadPlace) =>
    place.kind === 'table'
      ? `${quote(place.namespace)}.${quote(place.table)}`
      : // A comment at its end must not take the bracket along.
        `(${place.sql}\n) AS syncline_query`,
};

function quote(name: string): string {
  if (name === '' || name.includes('\0')) throw new TypeError('a name that no server has');
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string, order: Order): string {
  if (order === 'number') {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw new TypeError(`no number: ${text}`);
    return text;
  }
  if (order === 'bytes') {
    if (!/^(?:[\da-f]{2})*$/i.test(text)) throw new TypeError(`no bytes in hex: ${text}`);
    return `'\\x${text}'::bytea`;
  }
  return `'${text.replaceAll('\0', '').replaceAll("'", "''")}'`;
}
