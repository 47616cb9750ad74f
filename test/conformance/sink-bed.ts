// What the suites of this tree run on, beside the checks that authors of targets have too: a target with SQL, or one that has rows only.
import type { SqlTargetBed } from '../../connectors/conformance/target/target-bed.ts';

export * from '../../connectors/conformance/target/run-tools.ts';
export { jobOf, newTableName } from '../../connectors/conformance/target/target-bed.ts';

/** A column of `readRows` may be an expression in MySQL's words: HEX(b), b IS NULL. */
export type SinkBed = SqlTargetBed;

export type OpenBed = () => Promise<SinkBed>;

/**
 * `sql`: the target knows tables of columns, keys, statements by somebody else, and locks. `rows`: only rows of cells under a key;
 * what SQL alone can show is left out, and refusals that SQL alone can make.
 */
export type TargetKind = 'sql' | 'rows';
