// Rows that are deleted in the source: how far a run follows them into the target.
import type { Position } from './position.ts';

/**
 * `keys`: all, as the run compares all keys, also of rows that the source never had. `all`: all that the plan was asked for, which is all
 * since the target has rows where nobody asked. Else: those from the position on.
 */
export type Followed = 'keys' | 'all' | { readonly since: Position };

/** How a source tells of rows that are gone: all of its keys are compared with the target's, or each such row is told by its key. */
export interface DeleteWay {
  readonly by: 'keys' | 'markers';
  /** The key of the source's configuration that asks for it. */
  readonly setting: string;
}

/** Why a target does not remove rows that way, in words for the user. */
export interface DeleteRefusal {
  /** Of the target's configuration; null: it is the source's setting. */
  readonly key: string | null;
  readonly message: string;
}

/** As the source's configuration has it. */
export function sayWay({ by, setting }: DeleteWay): string {
  return `${setting}=${by === 'keys' ? 'reconcile' : 'markers'}`;
}

/** Of a target that removes no rows, or none by a comparison of keys. */
export function refuseWay(target: string, way: DeleteWay): DeleteRefusal {
  const what = way.by === 'keys' ? 'can not compare its keys with the source’s' : 'removes no rows';
  return {
    key: null,
    message: `${sayWay(way)}: ${target} ${what}; write ${way.setting}=ignore, or choose another way that this target follows`,
  };
}
