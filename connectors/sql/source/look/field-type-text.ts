// A field's type as the mapping that the wizard proposes writes it.
import { typeName } from '../../../../src/core/connector/field-type.ts';
import type { FieldType } from '../../../../src/core/connector/field-type.ts';

export function fieldTypeText(type: FieldType): string {
  if (type.kind === 'timestamp') return `datetime(${type.precision})`;
  return type.kind === 'bytes' && type.length === 0 ? 'bytes' : typeName(type);
}
