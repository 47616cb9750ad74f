// What a value format must do: rows in the row format to a record's value, and back.
import type { ByteWriter } from '../../core/record/row-format.ts';

export interface ValueEncoder {
  /** Appends the value that stands for the row `bytes[start, end)` to `out`. Throws ROW_INVALID when the format can't hold it. */
  encode(row: { bytes: Uint8Array; start: number; end: number }, out: ByteWriter): void;
}

/** Where a decoded row lies; valid until the next decode. */
export interface DecodedRow {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface ValueDecoder {
  /** Throws ROW_INVALID when the value is not of the format or schema. */
  decode(bytes: Buffer, start: number, end: number): DecodedRow;
}
