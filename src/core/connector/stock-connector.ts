// Connectors of ours that have the class name of one of Kafka Connect's own. On a cluster that is not ours the name means the other:
// it keeps no ledger and speaks no statuses, so that no run of a job could end with it.
import type { ConnectorPlugin } from './contract.ts';

/** `incarnation`: of the cluster's worker; null: it is not ours. Gives what is wrong, null: nothing. */
export function problemOfStock(
  { className, aliases }: ConnectorPlugin,
  cluster: string,
  incarnation: string | null,
): string | null {
  if (incarnation !== null || !className.startsWith('org.apache.kafka.connect.')) return null;
  return `${className} on the Connect cluster '${cluster}' is Kafka Connect's own, which keeps no ledger: choose a cluster of Syncline's own workers, where it is ${aliases[0] ?? className}`;
}
