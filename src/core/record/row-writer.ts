// Rows out of values of the language: each is checked against its field and written as the row format wants it. A row with a value that
// does not fit goes out as a dirty row that says which and why. Sources that are to be fast write bytes themselves (row-format.ts).
import type { RowOutput } from '../connector/contract.ts';
import type { Field, RowSchema } from '../connector/field-type.ts';
import { MAX_HEX_BYTES } from './refused-row.ts';
import { ByteWriter, writeRow } from './row-format.ts';
import { Misfit, shown, valueText } from './value-text.ts';

export interface RowWriter {
  /**
   * One row: its values in the order of the schema's fields; undefined counts as null. Whole numbers, floats and booleans are given as such
   * or, beyond 2^53, as bigint or text; decimals as text; times as text or Date; bytes as Uint8Array; json as any value.
   */
  write(values: readonly unknown[]): void;
  /** A row that is gone in the source: the values of the key's fields, in their order. */
  deleted(key: readonly unknown[]): void;
}

type Written = string | Uint8Array | null;

export function createRowWriter({ fields, key }: RowSchema, out: RowOutput): RowWriter {
  const places = key.map((name) => fields.findIndex((field) => field.name === name));
  const row = new ByteWriter();
  /** Where the key ends, and the row begins, in the bytes. */
  const put = (texts: readonly Written[]): number => {
    row.length = 0;
    writeRow(
      row,
      places.map((at) => texts[at] ?? null),
    );
    const keyEnd = row.length;
    writeRow(row, texts);
    return keyEnd;
  };
  const refuse = (values: readonly unknown[], at: number, reason: string): void => {
    const name = places.map((place) => shown(values[place])).join(', ');
    const bytes = Buffer.from(shown(values[at])).subarray(0, MAX_HEX_BYTES);
    const bytesHex = bytes.toString('hex');
    out.dirty(Buffer.from(name), { key: name, field: fields[at]?.name ?? '', reason, bytesHex });
  };
  return {
    write: (values) => {
      const texts: Written[] = [];
      for (const [at, field] of fields.entries()) {
        const text = textOf(field, values[at]);
        if (text instanceof Misfit) {
          refuse(values, at, text.message);
          return;
        }
        texts.push(text);
      }
      const keyEnd = put(texts);
      out.row(row.bytes, keyEnd, row.length);
    },
    deleted: (given) => {
      const texts: Written[] = fields.map(() => null);
      for (const [part, at] of places.entries()) {
        const text = textOf(fields[at], given[part]);
        // Never written under such a key.
        if (text instanceof Misfit) return;
        texts[at] = text;
      }
      const keyEnd = put(texts);
      out.deleted?.(row.bytes, keyEnd, row.length);
    },
  };
}

function textOf(field: Field | undefined, value: unknown): Written | Misfit {
  if (value === null || value === undefined) {
    return field?.optional === true ? null : new Misfit('the field is NULL');
  }
  if (field === undefined) return new Misfit('the key is none of the fields');
  try {
    return valueText(field.type, value);
  } catch (error) {
    if (error instanceof Misfit) return error;
    throw error;
  }
}
