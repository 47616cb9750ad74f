// What is said of a statement repeats none of its texts.
import { expect, it } from 'vitest';
import { statementHead } from '../../../../connectors/sql/connection/statement-head.ts';
import { withoutTexts } from '../../../../connectors/sql/connection/statement-texts.ts';

const mysql = { doubleQuotes: true };
const other = { doubleQuotes: false };

it.each([
  [`SELECT 'SeCrEt' FROM nowhere`, other],
  [`SELECT "SeCrEt" FROM nowhere`, mysql],
  [`SELECT $$SeCrEt$$ FROM nowhere`, other],
  [`SELECT $a$SeCrEt$a$ FROM nowhere`, other],
  [`SELECT 'SeCrEt`, other],
  [`SELECT 'it''s', 'SeCrEt' FROM "t"`, other],
  [`SELECT 'it\\'s', 'SeCrEt' FROM \`t\``, mysql],
  [`SELECT "a'b", 'SeCrEt' FROM t`, mysql],
  [`SELECT '${'x'.repeat(60)}SeCrEt' FROM nowhere`, other],
])('%s', (statement, quotes) => {
  const words = withoutTexts(statement, quotes);
  const said = words(`running ${statementHead(statement)}: near ${statement.slice(7)} at line 1`);
  expect(said).not.toMatch(/SeC|xxxxxxxx/);
  expect(said).toContain('running SELECT ');
});

it('of a text that was cut off its beginning is taken out, too', () => {
  const words = withoutTexts(`SELECT 'a-very-long-secret-of-somebody'`, other);
  expect(words('for 0x1: "a-very-long-secret-of-somebody"')).toBe('for 0x1: "***"');
  expect(words(`near 'a-very-long-secre' at line 1`)).toBe(`near '***' at line 1`);
});

it('names, and words that are a text elsewhere in the language, stay', () => {
  const words = withoutTexts(`DELETE FROM "Orders" WHERE a = 'no' AND b = ''`, other);
  expect(words('relation "Orders" does not exist, no such table')).toBe(
    'relation "Orders" does not exist, no such table',
  );
});
