import { describe, expect, it } from 'vitest';
import { checkIdentifier, checkTarget, quoteIdentifier } from '../../src/core/connector/sql-identifier.ts';

describe('a name in SQL', () => {
  it.each(['orders', '订单', 'a b', 'x.y', 'select', 'é', 'x'.repeat(64)])('may be %s', (name) => {
    expect(checkIdentifier(name, 'name')).toBeNull();
    expect(quoteIdentifier(name)).toBe(`\`${name}\``);
  });

  it.each([
    '',
    'a`b',
    "a'b",
    'a"b',
    'a;b',
    'a\\b',
    'a\0b',
    'a\nb',
    ' a',
    'a ',
    '😀',
    'x'.repeat(65),
    '\ud800',
  ])('may not be %j', (name) => {
    expect(checkIdentifier(name, 'name')).not.toBeNull();
  });

  it('that was not checked is not quoted', () => {
    for (const name of ['', 'a`b', 'a\0b']) expect(() => quoteIdentifier(name)).toThrow('not checked');
  });

  it('of a target is neither the server’s nor the ledger’s', () => {
    expect(checkTarget('shop', 'orders')).toBeNull();
    expect(checkTarget(null, 'orders')).toBeNull();
    expect(checkTarget('Information_Schema', 'tables')).toContain('belongs to the database server');
    expect(checkTarget('shop', 'SYNCLINE_JOB')).toContain('ledger');
  });
});
