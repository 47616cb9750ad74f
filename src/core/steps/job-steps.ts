// Steps around a sync: SQL statements and HTTP calls, before it (pre) and after it (post).
import type { ConnectorConfig } from '../connector/config-def.ts';

export interface JobSteps {
  /** In this order, each when the one before it succeeded; all before a connector is made. */
  readonly pre: readonly Step[];
  /** In this order, whatever becomes of the ones before. */
  readonly post: readonly PostStep[];
}

export type Step = SqlStep | HttpStep;
export type PostStep = Step & {
  /** After which end of the run. */
  readonly when: 'success' | 'failure' | 'always';
};

interface EveryStep {
  /** Unique in its job. */
  readonly name: string;
  readonly timeLimitMs: number;
  /**
   * Where nobody knows what became of it, for its executor died in it: the run fails and says so (`fail`), or it is run once more
   * (`repeat`).
   */
  readonly onUnknown: 'fail' | 'repeat';
}

export interface SqlStep extends EveryStep {
  readonly kind: 'sql';
  /** That of the job's source or sink, or one of its own: `connection.url`, `connection.user`, `connection.password`, … */
  readonly connection: 'source' | 'sink' | ConnectorConfig;
  /** One after another, each committed by itself. */
  readonly statements: readonly string[];
}

export interface HttpStep extends EveryStep {
  readonly kind: 'http';
  /** Absent: POST. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** A secret from its path on, as a webhook is. */
  readonly url: string;
  /** Their values are secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A secret. */
  readonly body?: string;
}

export const noSteps: JobSteps = { pre: [], post: [] };
export const defaultStepLimitMs = 60_000;

/** Each with the name that its fields have in a specification. */
export function everyStep({ pre, post }: JobSteps): readonly (readonly [string, Step])[] {
  return [
    ...pre.map((step, at) => [`steps.pre.${at}`, step] as const),
    ...post.map((step, at) => [`steps.post.${at}`, step] as const),
  ];
}
