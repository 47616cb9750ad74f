// Names and values in PostgreSQL's SQL, with standard_conforming_strings on: in a text only the quote itself is special.
import { checkedHex, checkedNumber, fromSql, quoteName, quoteText } from '../../sql/source/checked-words.ts';
import type { Order, SqlWords } from '../../sql/source/dialect.ts';
import { instantText } from '../../sql/source/increments/time-text.ts';

export const postgresWords: SqlWords = {
  quote,
  literal,
  bound: literal,
  hex: (expression) => `encode(${expression}, 'hex')`,
  binary: (expression) => `convert_to((${expression})::text, 'UTF8')`,
  ordered: (quoted) => quoted,
  instant: (micros) => literal(instantText(micros), 'time'),
  from: (place) => fromSql(place, ({ namespace, table }) => `${quote(namespace)}.${quote(table)}`),
};

function quote(name: string): string {
  return quoteName(name, '"');
}

function literal(text: string, order: Order): string {
  if (order === 'number') return checkedNumber(text);
  if (order === 'bytes') return `'\\x${checkedHex(text)}'::bytea`;
  return quoteText(text);
}
