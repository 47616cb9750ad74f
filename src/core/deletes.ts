// Rows that are deleted in the source: how far a run follows them into the target.
import type { Position } from './position.ts';

/**
 * `keys`: all, as the run compares all keys, also of rows that the source never had. `all`: all that the plan was asked for, which is all
 * since the target has rows where nobody asked. Else: those from the position on.
 */
export type Followed = 'keys' | 'all' | { readonly since: Position };
