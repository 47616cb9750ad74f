// Reasons from outside to let go of a run early.
import { shapeOf } from '../src/core/errors.ts';
import type { RunReason } from '../src/core/run.ts';

export type Interruption =
  /** It is to end, for this reason. */
  | { readonly kind: 'end'; readonly reason: RunReason }
  /** This process ends, the run goes on. */
  | { readonly kind: 'leave' };

/** A person wants its end. */
export const cancelled: Interruption = { kind: 'end', reason: shapeOf('CANCELLED', 'cancelled on request') };
/** This process ends, and the run's log with it. */
export const stopped: Interruption = {
  kind: 'end',
  reason: shapeOf('EXECUTOR_STOPPED', 'the executor was shut down during the run'),
};
export const left: Interruption = { kind: 'leave' };

/** The last one asked for counts; whoever attends is told, now or when it begins to. */
export interface Interrupts {
  ask(interruption: Interruption): void;
  /** Returns how to leave. */
  attend(onAsked: (interruption: Interruption) => void): () => void;
}

export function createInterrupts(): Interrupts {
  let asked: Interruption | null = null;
  const attending = new Set<(interruption: Interruption) => void>();
  return {
    ask: (interruption) => {
      asked = interruption;
      for (const onAsked of [...attending]) onAsked(interruption);
    },
    attend: (onAsked) => {
      attending.add(onAsked);
      if (asked !== null) onAsked(asked);
      return () => void attending.delete(onAsked);
    },
  };
}
