// `npm run bench -- NAME [--json] [--rows N]`: real measurements, each with its reference in the same run, interleaved, median
// of at least three. With --json the last line is one object {bench, cases: [{case, value, unit, reference, ratio, cpuUsPerRow, ok}]}.
import { benches } from './benches.ts';

export interface BenchCase {
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  /** The reference's value in the same unit and run; null where there is none. */
  readonly reference: number | null;
  readonly ratio: number | null;
  /** CPU of our process, all threads; null where it says nothing. */
  readonly cpuUsPerRow: number | null;
  /** false when a checksum or a bound did not hold. */
  readonly ok: boolean;
}

export interface BenchOptions {
  /** Null: the bench's own size. */
  readonly rows: number | null;
  readonly say: (line: string) => void;
}

const args = process.argv.slice(2);
const name = args.find((arg) => !arg.startsWith('--')) ?? '';
const rowsAt = args.indexOf('--rows');
const bench = benches[name];
if (bench === undefined) {
  process.stderr.write(
    `usage: npm run bench -- NAME [--json] [--rows N]; names: ${Object.keys(benches).join(', ')}\n`,
  );
  process.exit(2);
}
const cases = await bench({
  rows: rowsAt < 0 ? null : Number(args[rowsAt + 1]),
  say: (line) => process.stderr.write(`${line}\n`),
});
for (const each of cases) {
  const reference =
    each.reference === null
      ? ''
      : ` (reference ${show(each.reference)}, ratio ${each.ratio?.toFixed(2) ?? '–'})`;
  const cpu = each.cpuUsPerRow === null ? '' : `, ${each.cpuUsPerRow.toFixed(2)} µs CPU per row`;
  process.stderr.write(
    `${each.ok ? 'ok ' : 'NOT OK '} ${each.case}: ${show(each.value)} ${each.unit}${reference}${cpu}\n`,
  );
}
if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ bench: name, cases })}\n`);
process.exit(cases.every((each) => each.ok) ? 0 : 1);

function show(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}
