// Port: where calendars are kept (SQLite, MariaDB/MySQL, PostgreSQL).
import type { Calendar, CalendarSpec } from '../planning/calendar.ts';
import type { AuditEntry } from './audit.ts';
import type { SettleFires } from './jobs.ts';

export interface CalendarStore {
  /** Throws CONFLICT when the name is taken. */
  create(spec: CalendarSpec, audit: AuditEntry): Promise<Calendar>;
  read(name: string): Promise<Calendar | null>;
  /** By name. */
  list(limit: number): Promise<readonly Calendar[]>;
  /** By name; those that there are. */
  readSpecs(names: readonly string[]): Promise<readonly CalendarSpec[]>;
  /**
   * The jobs that name it have their fires settled in the same transaction, as if their schedules had changed; how many they are.
   * Throws CONFLICT when `version` is not the stored one, NOT_FOUND.
   */
  update(
    change: { version: number; spec: CalendarSpec; settle: SettleFires },
    audit: AuditEntry,
  ): Promise<{ readonly calendar: Calendar; readonly jobs: number }>;
  /** Throws CONFLICT naming the jobs while there are any, or when `version` is not the stored one; NOT_FOUND. */
  remove(calendar: { name: string; version: number }, audit: AuditEntry): Promise<void>;
  /** Jobs that name it, by name. */
  listUsers(name: string, limit: number): Promise<readonly { readonly id: string; readonly name: string }[]>;
}
