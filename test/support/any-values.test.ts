import { describe, expect, it } from 'vitest';
import type { FieldType } from '../../src/core/connector/field-type.ts';
import { anyFieldType, anyValue, canonicalOf } from './any-values.ts';
import { createRandom } from './random.ts';

const of = (type: FieldType, text: string): string => canonicalOf(type, Buffer.from(text));

describe('the canonical form of a value', () => {
  it.each<[FieldType, string, string]>([
    [{ kind: 'int32' }, '7', '007'],
    [{ kind: 'int64' }, '0', '-0'],
    [{ kind: 'float64' }, '1', '1.0e0'],
    [{ kind: 'float64' }, '0', '-0'],
    [{ kind: 'float32' }, '0.1', '0.10000000149011612'],
    [{ kind: 'decimal', precision: 9, scale: 3 }, '-12.3', '-0012.300'],
    [{ kind: 'decimal', precision: 9, scale: 3 }, '0', '-0.000'],
    [{ kind: 'decimal', precision: 9, scale: 0 }, '100', '100.'],
    [{ kind: 'time', precision: 6 }, '00:00:00', '00:00:00.000000'],
    [{ kind: 'timestamp', precision: 6 }, '2024-01-01 00:00:00.12', '2024-01-01 00:00:00.120000'],
  ])('%j: %s and %s are one', (type, a, b) => {
    expect(of(type, a)).toBe(of(type, b));
  });

  it.each<[FieldType, string, string]>([
    [{ kind: 'int64' }, '9007199254740993', '9007199254740992'],
    [{ kind: 'float64' }, '0.1', '0.10000000149011612'],
    [{ kind: 'decimal', precision: 38, scale: 0 }, '100', '10'],
    [{ kind: 'string', length: 0 }, '7', '07'],
    [{ kind: 'string', length: 0 }, 'a', 'a '],
    [{ kind: 'json' }, '{"a":1}', '{"a": 1}'],
    [{ kind: 'timestamp', precision: 0 }, '2024-01-01 00:00:00', '2024-01-01 00:00:10'],
  ])('%j: %s and %s are two', (type, a, b) => {
    expect(of(type, a)).not.toBe(of(type, b));
    expect(canonicalOf(type, null)).not.toBe(of(type, ''));
  });

  it('any value of any type has one', () => {
    const random = createRandom(1);
    const kinds = new Set<string>();
    for (let round = 0; round < 2000; round += 1) {
      const type = anyFieldType(random);
      kinds.add(type.kind);
      expect(canonicalOf(type, anyValue(random, type))).not.toBe('');
    }
    expect(kinds.size).toBe(14);
  });
});
