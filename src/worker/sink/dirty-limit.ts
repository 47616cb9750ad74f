// How many rows a run may put aside because they could not be converted or were refused.
import type { DirtyEntry } from '../../core/ledger/ledger.ts';
import { SyncError } from '../../core/errors.ts';

/** In a message: 32 bytes. */
const maxShownHex = 64;

/** `total` with these rows, `first` among them. Throws DIRTY_LIMIT, naming it. */
export function requireDirtyBelow(limit: number, total: number, first: DirtyEntry | undefined): void {
  if (total <= limit || first === undefined) return;
  const where = first.stage === 'source' ? 'converting' : 'writing';
  // Nobody knows it of a row that another one stands against.
  const field = first.field === '' ? '' : `, field ${first.field}`;
  const many = total === 1 ? '1 row is dirty' : `${total} rows are dirty`;
  const allowed = `${limit} allowed; the transaction was taken back, its dirty rows are not stored`;
  throw new SyncError('DIRTY_LIMIT', {
    message: `${where} row ${first.key}${field}: ${first.reason}${shownBytes(first)} (${many}, ${allowed})`,
    ...(first.field === '' ? {} : { field: first.field }),
  });
}

/** The dirty store keeps more of them. */
function shownBytes({ bytesHex }: DirtyEntry): string {
  if (bytesHex === '') return '';
  const cut = bytesHex.length > maxShownHex ? '…' : '';
  return `; its bytes: ${bytesHex.slice(0, maxShownHex)}${cut}`;
}
