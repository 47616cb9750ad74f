// Names of the tables that stand beside a target while a run loads a new one: by job and epoch, so that a late task of an earlier run
// reaches its own table only, and each swap is done once.
import { createHash } from 'node:crypto';
import type { RunKey } from '../../../../src/core/ledger/ledger.ts';

export interface AsideNames {
  /** The one that the run loads. */
  readonly loaded: string;
  /** The target as it was, between the swap and the end of the run. */
  readonly former: string;
}

export function asideNames({ job, epoch }: RunKey): AsideNames {
  const of = digestOf(job);
  return { loaded: `syncline_new_${of}_${epoch}`, former: `syncline_old_${of}_${epoch}` };
}

export interface Leftover {
  readonly name: string;
  readonly epoch: number;
}

/** Tables of the job's runs, among those that there are. */
export function leftoversOf(job: string, present: readonly string[]): readonly Leftover[] {
  const of = new RegExp(`^syncline_(?:new|old)_${digestOf(job)}_(\\d+)$`);
  return present.flatMap((name) => {
    const epoch = of.exec(name)?.[1];
    return epoch === undefined ? [] : [{ name, epoch: Number(epoch) }];
  });
}

function digestOf(job: string): string {
  return createHash('sha256').update(job).digest('hex').slice(0, 16);
}
