// A ledger of somebody else's target: whoever begins a run finds it again, and what is read is what can be read.
import type { BeginOutcome, TargetLedger } from '../../src/core/ledger/ledger.ts';
import { fault } from './faults.ts';
import { call, guardCalls, type TimedGuard } from './guard-calls.ts';
import { GRACE_MS } from './hear.ts';
import { within } from '../../src/core/waiting/within.ts';

const outcomes: readonly BeginOutcome['kind'][] = [
  'begun',
  'current',
  'zombie',
  'digest-changed',
  'table-taken',
];

export function guardLedger(ledger: TargetLedger, guard: TimedGuard): TargetLedger {
  const { name, clock } = guard;
  const guarded = guardCalls<TargetLedger>(guard, 'the ledger', {
    plugin: ledger,
    by: {
      begin: async (request) => {
        const outcome = await (call(guard, 'begin in the ledger', () => ledger.begin(request)) as ReturnType<
          TargetLedger['begin']
        >);
        const problem = outcomeProblem(outcome);
        if (problem !== null) throw fault(name, `beginning a run: ${problem}`);
        if (outcome.kind !== 'begun' && outcome.kind !== 'current') return outcome;
        const kept = await guarded.readRun(request.job, request.taskId);
        if (kept === null || kept.epoch < outcome.epoch)
          throw fault(
            name,
            `beginning a run: its ledger says that epoch ${outcome.epoch} of ${request.job} has begun, and does not know it afterwards`,
          );
        return outcome;
      },
      close: () => {
        const closing = Promise.resolve().then(() => ledger.close());
        return within(
          { clock, ms: GRACE_MS, onLimit: () => undefined },
          closing.catch(() => undefined),
        );
      },
    },
  });
  return guarded;
}

function outcomeProblem(outcome: BeginOutcome | undefined): string | null {
  const kind = outcome?.kind;
  if (kind === undefined || !outcomes.includes(kind)) return `it answers ${JSON.stringify(outcome)}`;
  if (outcome?.kind !== 'begun' && outcome?.kind !== 'current') return null;
  return Number.isSafeInteger(outcome.epoch) && outcome.epoch > 0
    ? null
    : `its epoch is ${String(outcome.epoch)}`;
}
