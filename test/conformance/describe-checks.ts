// The checks of targets, which every author has, over a target of this tree: all on one bed.
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { CheckOn } from '../../connectors/conformance/check.ts';
import type { SqlTargetBed } from '../../connectors/conformance/target/target-bed.ts';
import type { OpenBed, TargetKind } from './sink-bed.ts';

export function describeChecks(
  title: string,
  { openBed, kind }: { readonly openBed: OpenBed; readonly kind: TargetKind },
  checks: readonly CheckOn<SqlTargetBed>[],
): void {
  describe(title, () => {
    let bed: SqlTargetBed;
    beforeAll(async () => {
      bed = withNames(await openBed(), kind);
    });
    afterAll(() => bed.close());
    for (const { name, act } of checks) it(name, () => act(bed));
  });
}

/** The checks name columns; a bed of this tree with SQL takes expressions, in MySQL's words. */
function withNames(bed: SqlTargetBed, kind: TargetKind): SqlTargetBed {
  const quote = (column: string): string => (kind === 'sql' ? `\`${column}\`` : column);
  return {
    ...bed,
    readRows: async (name, columns, bytes = []) => {
      const asked = columns.flatMap((column) =>
        bytes.includes(column) ? [`HEX(${column})`, `${column} IS NULL`] : [quote(column)],
      );
      const rows = await bed.readRows(name, asked);
      return rows.map((row) => {
        let at = 0;
        return columns.map((column) => {
          const value = row[at] ?? null;
          at += bytes.includes(column) ? 2 : 1;
          return bytes.includes(column) && row[at - 1] === '1' ? null : value;
        });
      });
    },
  };
}
