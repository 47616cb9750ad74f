// Acts of people that the store keeps beside what they changed.

/** What is written of an act in its own transaction: they stand or fall together. Not asked for when there was nothing to do. */
export type AuditOf<Done> = (done: Done) => AuditEntry;

export interface AuditEntry {
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: string;
}
