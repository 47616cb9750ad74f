// What looking into an SQL source answers before it connects.
import { expect, it } from 'vitest';
import { createPlugins } from '../../../../connectors/registry.ts';
import { findPlugin } from '../../../../src/core/connector/plugin-registry.ts';

it('a table without a namespace is refused where the connection names no database', async () => {
  const plugin = findPlugin(createPlugins({ fileRoot: '/files' }), 'io.syncline.sql.SqlSourceConnector');
  if (plugin?.type !== 'source') throw new Error('there is no such source');
  const look = plugin.openLook?.(
    { 'connection.url': 'jdbc:mysql://127.0.0.1:1/' },
    AbortSignal.timeout(60_000),
  );
  const refusal = { code: 'BAD_INPUT', field: 'namespace' };
  await expect(look?.listTables(null)).rejects.toMatchObject(refusal);
  await expect(look?.sampleRows({ namespace: null, table: 'orders' }, 1)).rejects.toMatchObject(refusal);
  await look?.close();
});
