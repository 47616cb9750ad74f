// What an SQL target does in its own way to load a table beside the target and to put it in its place (write.mode=0).
import { SyncError } from '../../../../src/core/errors.ts';
import type { SqlSession } from '../session.ts';

export interface TablePlace {
  readonly schema: string | null;
  readonly table: string;
}

/** Names of tables of one schema. */
export interface SwappedTables extends TablePlace {
  readonly loaded: string;
  readonly former: string;
}

interface AsideWays<S extends SqlSession> {
  /** Throws TARGET_DENIED, with the GRANT, where the user may not make, rename and drop what a swap needs; the target may be missing. */
  requireRights(session: S, place: TablePlace): Promise<void>;
  /** What hangs on the target and would be lost with it, or stay with the former table; empty: it may be swapped. */
  obstacles(session: S, place: TablePlace): Promise<readonly string[]>;
  /** Makes `loaded`, empty: columns, keys, indexes, defaults, checks as the target's, and who may read it where tables don't have that by name. */
  make(session: S, tables: SwappedTables): Promise<void>;
}

/** DDL is part of a transaction: tables and ledger change at one instant. */
export interface TransactionalAside<S extends SqlSession> extends AsideWays<S> {
  readonly transactional: true;
  /** Nobody reads or writes the target from here to the end of the transaction. */
  hold(session: S, place: TablePlace): Promise<void>;
  /** The target becomes `loaded`; what it was is dropped. */
  swap(session: S, tables: SwappedTables): Promise<void>;
}

/** DDL commits: who swaps does it alone, and goes on where somebody broke off. */
export interface CommittingAside<S extends SqlSession> extends AsideWays<S> {
  readonly transactional: false;
  /** Runs `work` while nobody else prepares, swaps or clears for the job, committed or not. Throws TARGET_FAILED, retriable. */
  alone<T>(session: S, job: string, work: () => Promise<T>): Promise<T>;
  /** The target becomes `former` and `loaded` the target, at one instant; fails where `former` is there or `loaded` is not. */
  swap(session: S, tables: SwappedTables): Promise<void>;
}

export type TableAside<S extends SqlSession> = TransactionalAside<S> | CommittingAside<S>;

const refuse = (): Promise<never> =>
  Promise.reject(
    new SyncError('TARGET_SCHEMA', {
      message:
        'write.mode=0: this target can not put another table in the place of its own; use write.mode=1',
      field: 'write.mode',
    }),
  );

/** Of a target that can't do it; its configuration refuses write.mode=0. */
export const noAside: TransactionalAside<SqlSession> = {
  transactional: true,
  requireRights: refuse,
  obstacles: refuse,
  make: refuse,
  hold: refuse,
  swap: refuse,
};
