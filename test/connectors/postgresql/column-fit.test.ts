import { describe, expect, it } from 'vitest';
import { fitOf } from '../../../connectors/postgresql/table/column-fit.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { fieldOf } from '../../conformance/sink-bed.ts';

const column = {
  ...{ name: 'value', nullable: true, generated: false, optional: true, isEnum: false },
  ...{ declared: 'numeric', length: null, fractionDigits: 6, base: 'numeric' },
};

function fits(type: FieldType, precision: number | null, scale: number | null): boolean {
  return fitOf(fieldOf('value', type), { ...column, precision, scale }) !== null;
}

describe('numeric', () => {
  it('keeps integers where it has room for all their digits', () => {
    expect(fits({ kind: 'int32' }, null, null)).toBe(true);
    expect(fits({ kind: 'int32' }, 10, 0)).toBe(true);
    expect(fits({ kind: 'int32' }, 12, 2)).toBe(true);
    expect(fits({ kind: 'int32' }, 10, 2)).toBe(false);
    expect(fits({ kind: 'int64' }, 19, 0)).toBe(true);
  });

  it('that rounds before the point keeps neither integers nor decimals', () => {
    for (const kind of ['int8', 'int16', 'int32', 'int64'] as const) {
      expect(fits({ kind }, 30, -2)).toBe(false);
      expect(fits({ kind }, 30, -1)).toBe(false);
    }
    expect(fits({ kind: 'decimal', precision: 5, scale: 0 }, 30, -2)).toBe(false);
  });
});
