// The range of a source's changes that a run covers: [from, to).
import type { Position } from './position.ts';

/**
 * `from` null: a full read (no lower bound). `to` null: a source without positions; the watermark stays NULL.
 * A full read has no upper bound either, but sets the watermark to `to`.
 */
export interface Window {
  readonly from: Position | null;
  readonly to: Position | null;
}
