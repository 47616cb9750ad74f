// What tells a target table from one that is altered, or put in its place, between two runs: its descriptor, and when the master wrote
// its state last. Making, truncating and restoring a table write the state; splitting, moving and balancing its regions do not.
import { createHash } from 'node:crypto';
import type { HBaseClient } from '../client/client.ts';
import type { CallOptions } from '../client/call-context.ts';

export async function readTableMark(
  client: HBaseClient,
  table: string,
  options: CallOptions,
): Promise<string> {
  const described = await client.admin.describeTable(table, options);
  const state = await client.admin.tableState(table, options);
  const families = (described?.families ?? []).map(({ name, attributes }) => [
    name.toString('hex'),
    [...attributes].sort(),
  ]);
  const declared = [[...(described?.attributes ?? [])].sort(), families.sort(), String(state?.writtenAt)];
  return createHash('sha256').update(JSON.stringify(declared)).digest('hex');
}
