// Port: the limits of runs at a time (SQLite, MariaDB/MySQL, PostgreSQL).
import type { Limit, LimitInUse, Place } from '../planning/limit.ts';
import type { AuditEntry } from './audit.ts';

export interface LimitStore {
  /** By kind and name. */
  list(): Promise<readonly LimitInUse[]>;
  /** Makes it or changes it; runs that go are left alone. */
  set(limit: Limit, audit: AuditEntry): Promise<void>;
  /** false: there was none. */
  remove(place: Place, audit: AuditEntry): Promise<boolean>;
  /** What jobs, as they are now, take up. */
  listPlaces(limit: number): Promise<readonly Place[]>;
}
