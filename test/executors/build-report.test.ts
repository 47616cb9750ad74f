// What the report of a proved run says about deletes, and what that of a delivered one has against it.
import { expect, it } from 'vitest';
import { buildReport } from '../../executors/run/build-report.ts';
import { startWatch } from '../../executors/watch/watch-state.ts';
import type { DeletePolicy } from '../../src/core/status.ts';

const notesOf = (deletes: DeletePolicy, from: number | null): string =>
  buildReport({
    progress: {
      base: from,
      watched: {
        ...startWatch({ startedAt: 0, resumedAt: 0, incarnation: 'worker-1', report: null }),
        deletes,
        window: { from, to: 9 },
      },
      notes: [],
    },
    ledgerRun: null,
    outcome: 'proved',
    now: null,
  })
    .notes.map(({ en, zh }) => `${en} ${zh}`)
    .join('\n');

it.each([
  ['ignore', null, /^deletes not followed/],
  ['markers', null, /by their markers.* major compaction, or a minor one of all files of a store.*删除标记/],
  ['markers', 5, /by their markers.* major compaction, or a minor one of all files of a store.*删除标记/],
  ['reconcile', 5, /of single columns, in an increment, by their markers.* a minor one of all files.*单列/],
  ['reconcile', null, /^$/],
] as const)('%s, window from %s', (policy, from, said) => {
  expect(notesOf(policy, from)).toMatch(said);
});
