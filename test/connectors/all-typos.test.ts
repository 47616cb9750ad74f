// Over all plugins: a key that is written wrong is refused and the right one named, and what article 003 prints still passes.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createPlugins } from '../../connectors/registry.ts';
import { readRepaired } from '../../src/worker/rest/article-repair.ts';
import { readCreateBody } from '../../src/worker/rest/request-bodies.ts';
import { fullDef, validateConfig } from '../../src/worker/config/config-validation.ts';
import type { SentConfig } from '../../src/core/connector/config-def.ts';
import { createPluginRegistry } from '../../src/core/connector/plugin-registry.ts';

const plugins = createPlugins({ fileRoot: '/files' });
const registry = createPluginRegistry(plugins);

function check(config: SentConfig): ReturnType<typeof validateConfig> {
  return validateConfig({ workerVersion: '4.3.1', requirePlugin: (name) => registry.require(name) }, config);
}

it.each(plugins.map((plugin) => [plugin.className, plugin] as const))(
  'a letter missing in a key of %s',
  (name, plugin) => {
    for (const { name: key } of fullDef(plugin)) {
      if (key.length < 5 || key === 'connector.class') continue;
      for (const wrong of [key.slice(0, -1), `${key}s`, key.toUpperCase()]) {
        if (fullDef(plugin).some((known) => known.name === wrong)) continue;
        const { entries } = check({ 'connector.class': name, name: 'n', [wrong]: '1' });
        const found = entries.find((entry) => entry.name === wrong);
        expect([wrong, found?.errors]).toEqual([
          wrong,
          [expect.stringMatching(/did you mean|has no effect here/)],
        ]);
      }
    }
  },
);

it.each([
  ['io.syncline.hbase.HBaseSourceConnector', 'hbase.delete', 'reconcile', 'hbase.deletes'],
  ['io.syncline.hbase.HBaseSourceConnector', 'pkuse.incrementreadfield', 'v', 'pkuse.incrementreadfields'],
  ['io.syncline.mysql.MySqlSinkConnector', 'insert.modes', 'insert', 'insert.mode'],
])('of %s: %s', (className, key, value, meant) => {
  const { entries } = check({ 'connector.class': className, name: 'n', [key]: value });
  expect(entries.find(({ name }) => name === key)?.errors).toEqual([
    `There is no configuration ${key}: did you mean ${meant}?`,
  ]);
});

it.each(['source', 'sink'])('the %s request of article 003 has no problem', (side) => {
  const text = readFileSync(new URL(`../golden/article-003-${side}.txt`, import.meta.url), 'utf8');
  const { body } = readRepaired(text, readCreateBody, registry);
  const { entries } = check({ ...body.config, name: body.name });
  expect(entries.flatMap(({ name, errors }) => errors.map((error) => [name, error]))).toEqual([]);
});
