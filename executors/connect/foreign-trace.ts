// The only reader of traces as text: for connectors that are not ours, which say their failures in no other way.
import { fromShape, shapeOf, toShape } from '../../src/core/errors.ts';
import type { ErrorShape } from '../../src/core/errors.ts';

const CAUSED_BY = 'Caused by: ';

/** A Java trace says what failed in its first line, and why in the lines `Caused by:`, the first cause last. */
export function readForeignTrace(trace: string): ErrorShape {
  const lines = trace.split('\n').map((line) => line.trim());
  const failed = lines.find((line) => line !== '') ?? 'no reason given';
  const causes = lines
    .filter((line) => line.startsWith(CAUSED_BY))
    .map((line) => line.slice(CAUSED_BY.length));
  return toShape(fromShape({ ...shapeOf('TASK_FAILED', failed), causes }));
}
