import { describe, expect, it } from 'vitest';
import { toTyped } from '../../../connectors/sqlite/typed-values.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { fieldOf } from '../../conformance/sink-bed.ts';

const typed = (type: FieldType, text: string): unknown => {
  const result = toTyped(fieldOf('f', type), Buffer.from(text));
  return 'value' in result ? result.value : null;
};

describe('text of a row as a typed value', () => {
  it.each<[FieldType, string, unknown]>([
    [{ kind: 'int8' }, '-128', -128n],
    [{ kind: 'int64' }, '9223372036854775807', 9223372036854775807n],
    [{ kind: 'int32' }, '007', 7n],
    [{ kind: 'float64' }, '1e-7', 1e-7],
    [{ kind: 'float64' }, '-.5', -0.5],
    [{ kind: 'boolean' }, '1', 1n],
    [{ kind: 'decimal', precision: 4, scale: 2 }, '-12.34', '-12.34'],
    [{ kind: 'decimal', precision: 4, scale: 2 }, '0012.3', '0012.3'],
    [{ kind: 'date' }, '2024-02-29', '2024-02-29'],
    [{ kind: 'date' }, '0001-01-01', '0001-01-01'],
    [{ kind: 'timestamp', precision: 3 }, '2024-12-31 23:59:59.999', '2024-12-31 23:59:59.999'],
    [{ kind: 'time', precision: 0 }, '23:59:59', '23:59:59'],
    // As a JSON record has it: always with milliseconds.
    [{ kind: 'timestamp', precision: 0 }, '2024-12-31 23:59:59.000', '2024-12-31 23:59:59.000'],
    [{ kind: 'timestamp', precision: 1 }, '2024-12-31 23:59:59.900', '2024-12-31 23:59:59.900'],
    [{ kind: 'json' }, '{"a": [1]}', '{"a": [1]}'],
    [{ kind: 'string', length: 2 }, '😀中', '😀中'],
    [{ kind: 'bytes', length: 2 }, 'ab', Buffer.from('ab')],
  ])('%j takes %s', (type, text, value) => {
    expect(typed(type, text)).toEqual(value);
  });

  it.each<[FieldType, string]>([
    [{ kind: 'int8' }, '128'],
    [{ kind: 'int16' }, '-32769'],
    [{ kind: 'int32' }, '2147483648'],
    [{ kind: 'int64' }, '9223372036854775808'],
    [{ kind: 'int32' }, ''],
    [{ kind: 'int32' }, '1.0'],
    [{ kind: 'int32' }, ' 1'],
    [{ kind: 'int32' }, '0x1'],
    [{ kind: 'float64' }, 'NaN'],
    [{ kind: 'float64' }, 'Infinity'],
    [{ kind: 'float64' }, '-0'],
    [{ kind: 'float32' }, '-0.0e1'],
    [{ kind: 'float64' }, '1e999'],
    [{ kind: 'float64' }, ''],
    [{ kind: 'boolean' }, 'true'],
    [{ kind: 'decimal', precision: 4, scale: 2 }, '123.4'],
    [{ kind: 'decimal', precision: 4, scale: 2 }, '1.234'],
    [{ kind: 'decimal', precision: 4, scale: 2 }, '1e1'],
    [{ kind: 'date' }, '2023-02-29'],
    [{ kind: 'date' }, '2023-13-01'],
    [{ kind: 'date' }, '20230101'],
    [{ kind: 'timestamp', precision: 0 }, '2023-01-01 00:00:00.1'],
    [{ kind: 'timestamp', precision: 0 }, '2023-01-01T00:00:00'],
    [{ kind: 'timestamp', precision: 0 }, '2023-01-01 24:00:00'],
    [{ kind: 'time', precision: 0 }, '25:00:00'],
    [{ kind: 'json' }, '{a:1}'],
    [{ kind: 'string', length: 2 }, 'abc'],
    [{ kind: 'bytes', length: 2 }, 'abc'],
  ])('%j refuses %j', (type, text) => {
    expect(toTyped(fieldOf('f', type), Buffer.from(text))).toHaveProperty('problem');
  });

  it('NULL is NULL of every type', () => {
    expect(toTyped(fieldOf('f', { kind: 'int8' }), null)).toEqual({ value: null });
  });
});
