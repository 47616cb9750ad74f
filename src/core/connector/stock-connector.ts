// Whose connector a class name means. Ours also answer to names of Kafka Connect's own and of others, so that requests made for
// those work here; on a cluster that is not ours such a name means the other, which keeps no ledger.

const own = /^(io\.syncline|org\.pkuse)\./;

/** `incarnation`: of the cluster's worker; null: it is not ours. */
export function isStock(className: string, incarnation: string | null): boolean {
  return incarnation === null && !own.test(className);
}
