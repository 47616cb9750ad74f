// What the stores share: the database, the key of the secrets, and where ids come from.
import type { HostsOf } from '../core/planning/limit.ts';
import type { Database } from './database.ts';
import type { NewId } from './new-id.ts';
import type { SpecSealer } from './jobs/seal-spec.ts';

export interface StoreParts {
  readonly database: Database;
  readonly sealer: SpecSealer;
  readonly newId: NewId;
  /** Where a job's connectors dial: what its runs take up. */
  readonly hostsOf: HostsOf;
}
