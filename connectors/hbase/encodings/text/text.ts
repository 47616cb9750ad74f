// The default encoding: every value as text.
import type { FieldType } from '../../../../src/core/connector/field-type.ts';
import type { Encoding, TextSettings, ValueWriter } from '../encoding.ts';
import { compileTextBoolean } from './text-boolean.ts';
import { compileTextDate } from './text-date.ts';
import { compileTextDecimal } from './text-decimal.ts';
import { compileTextFloat } from './text-float.ts';
import { compileTextInteger } from './text-integer.ts';
import { compileRawBytes, compileTextJson, compileTextString } from './text-string.ts';

export const text: Encoding = {
  name: 'text',
  kinds: [
    'int8',
    'int16',
    'int32',
    'int64',
    'float32',
    'float64',
    'decimal',
    'boolean',
    'date',
    'time',
    'timestamp',
    'string',
    'json',
    'bytes',
  ],
  compile: compileText,
  // 7 and 007 are one number.
  oneToOne: ({ kind }) => kind === 'string' || kind === 'bytes',
};

function compileText(type: FieldType, settings: TextSettings): ValueWriter {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return compileTextInteger(type.kind);
    case 'float32':
    case 'float64':
      return compileTextFloat(type.kind);
    case 'decimal':
      return compileTextDecimal(type);
    case 'boolean':
      return compileTextBoolean();
    case 'date':
      return compileTextDate({ kind: 'date', precision: 0 }, settings);
    case 'time':
    case 'timestamp':
      return compileTextDate(type, settings);
    case 'string':
      return compileTextString(type.length);
    case 'json':
      return compileTextJson();
    case 'bytes':
      return compileRawBytes(type.length);
  }
}
