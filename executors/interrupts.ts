// Reasons from outside to let go of a run early.

/** `cancel`: a person wants its end. `stop`: this process ends, and the run's log with it. `leave`: this process ends, the run goes on. */
export type Interruption = 'cancel' | 'stop' | 'leave';

/** The last one asked for counts; whoever attends is told, now or when it begins to. */
export interface Interrupts {
  ask(kind: Interruption): void;
  /** Returns how to leave. */
  attend(onAsked: (kind: Interruption) => void): () => void;
}

export function createInterrupts(): Interrupts {
  let asked: Interruption | null = null;
  const attending = new Set<(kind: Interruption) => void>();
  return {
    ask: (kind) => {
      asked = kind;
      for (const onAsked of [...attending]) onAsked(kind);
    },
    attend: (onAsked) => {
      attending.add(onAsked);
      if (asked !== null) onAsked(asked);
      return () => void attending.delete(onAsked);
    },
  };
}
