// The JSON reader against the built-in one, and where it is meant to differ.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonNumber } from '../../../src/worker/rest/json-reader.ts';
import { readJson, toPlain } from '../../../src/worker/rest/json-reader.ts';

describe('reading JSON', () => {
  it('reads what the built-in reader reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 2), (text, indent) => {
        const printed = JSON.stringify(JSON.parse(text), null, indent);
        expect(toPlain(readJson(printed) ?? null)).toEqual(JSON.parse(printed));
      }),
    );
  });

  it('refuses what the built-in reader refuses, but for what follows the first value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.string({ maxLength: 2 }), (text, at, noise) => {
        const where = at % (text.length + 1);
        const broken = text.slice(0, where) + noise + text.slice(where + 1);
        const builtIn = attempt(() => JSON.parse(broken) as unknown);
        const ours = attempt(() => {
          const value = readJson(broken);
          if (value === undefined) throw new Error('empty');
          return toPlain(value);
        });
        if (builtIn.ok) expect(ours).toEqual(builtIn);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps the text of numbers', () => {
    const read = readJson('[1.0, 12345678901234567890, -1e5]') as readonly JsonNumber[];
    expect(read.map(({ text }) => text)).toEqual(['1.0', '12345678901234567890', '-1e5']);
  });

  it('keeps __proto__ a key like any other', () => {
    const value = toPlain(readJson('{"__proto__": {"polluted": "yes"}}') ?? null) as object;
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each([
    ['{"name":', 'Unexpected end-of-input within/between Object entries'],
    ['{', 'Unexpected end-of-input: expected close marker for Object'],
    ['[1,', 'Unexpected end-of-input within/between Array entries'],
    ['hello', "Unrecognized token 'hello': was expecting"],
    ['{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon"],
    ['{a:1}', "Unexpected character ('a' (code 97)): was expecting double-quote"],
    ['"abc', 'Unexpected end-of-input: was expecting closing quote'],
    ['"a\\x"', "Unrecognized character escape 'x'"],
    ['"a\u0001"', 'Illegal unquoted character ((CTRL-CHAR, code 1))'],
    ['01', "Unexpected character ('0' (code 48))"],
    ['-', "Unexpected character ('-' (code 45))"],
    ['  ', 'No content to map due to end-of-input'],
    ['['.repeat(1_100), 'Document nesting depth (1001) exceeds the maximum allowed'],
  ])('says what is wrong with %j', (text, complaint) => {
    expect(() => readJson(text)).toThrow(complaint);
  });
});

function attempt(work: () => unknown): { readonly ok: boolean; readonly value?: unknown } {
  try {
    return { ok: true, value: work() };
  } catch {
    return { ok: false };
  }
}
