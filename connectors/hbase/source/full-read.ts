// A full read: every row of a key range, as the scan gives them.
import type { RowOutput } from '../../../src/core/connector/contract.ts';
import type { CellDecoder } from '../mapping/cell-decoder.ts';
import type { KeyRange } from '../client/key-range.ts';
import type { CellSelection } from '../client/messages/selection.ts';
import type { ScanBatch, ScanOptions } from '../client/scan/scanner.ts';

export interface RangeRead<Client> {
  readonly client: Client;
  readonly table: string;
  readonly range: KeyRange;
  /** Which cells of a row are wanted. */
  readonly selection: CellSelection;
  readonly decoder: CellDecoder;
  readonly out: RowOutput;
  readonly signal: AbortSignal;
}

/** What is needed of the HBase client. */
export interface RangeScanner {
  scan(options: ScanOptions): AsyncIterable<ScanBatch>;
}

export async function readAll(read: RangeRead<RangeScanner>): Promise<void> {
  const { client, table, range, selection, decoder, out, signal } = read;
  for await (const { buffer, rowCount, rowStarts } of client.scan({ table, range, signal, ...selection })) {
    for (let row = 0; row < rowCount; row += 1)
      decoder.decodeRow(buffer, rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0, out);
    await out.drained();
  }
}
