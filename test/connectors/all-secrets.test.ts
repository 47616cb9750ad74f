// Over all plugins: what is declared PASSWORD, what an odd name suggests, and credentials in URLs are nowhere in clear: not in the
// database, not on the worker's disk, in no answer of the worker or the admin API.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createPlugins } from '../../connectors/registry.ts';
import { createConnectorStore } from '../../src/worker/control/connector-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { ConnectorPlugin } from '../../src/core/connector/contract.ts';
import { createSealer } from '../../src/core/secrets/seal.ts';
import { openStore } from '../../src/store/open-store.ts';
import { setupApi, jobBody } from '../api/setup-api.ts';
import { sampleJob } from '../support/sample-job.ts';
import { startTestWorker } from '../worker/test-worker.ts';

const folder = await mkdtemp(join(tmpdir(), 'syncline-secrets-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const plugins = createPlugins({ fileRoot: folder });
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const SECRET = 'hush-hush';
const odd = [
  'producer.override.sasl.jaas.config',
  'value.converter.basic.auth.user.info',
  'my-Pwd',
  'api_key',
  'ssl.keystore.key',
];

/** Every PASSWORD key of the plugin, unknown ones with odd names, and every other text key as a URL with credentials. */
function secretive(plugin: ConnectorPlugin): ConnectorConfig {
  const entries = plugin.configDef.map(({ name, type }, index): [string, string] | null => {
    if (type === 'PASSWORD') return [name, `${SECRET}-${index}`];
    if (type === 'STRING')
      return [name, `jdbc:mysql://u:${SECRET}-${index}@h/d?password=${SECRET}-q${index}`];
    return null;
  });
  return Object.fromEntries<string>([
    ...entries.filter((entry) => entry !== null),
    ...odd.map((name, index): [string, string] => [name, `${SECRET}-odd${index}`]),
    ['unknown.url', `https://${SECRET}-t@h/x?access_token=${SECRET}-p`],
  ]);
}

async function bytesIn(path: string): Promise<string> {
  const files = (await readdir(path, { recursive: true, withFileTypes: true })).filter((each) =>
    each.isFile(),
  );
  const texts = await Promise.all(files.map((each) => readFile(join(each.parentPath, each.name), 'latin1')));
  return texts.join('\n');
}

describe.each(plugins.map((plugin) => [plugin.className, plugin] as const))(
  'secrets of %s',
  (_name, plugin) => {
    const config = secretive(plugin);
    const side = { connector: plugin.className, config };

    it('are sealed in the database, in every version, beside a webhook with a token', async () => {
      const place = await mkdtemp(join(folder, 'db-'));
      const url = `sqlite:${join(place, 'a.db')}`;
      const store = await openStore({ url, secretKey: Buffer.alloc(32, 3), clock: systemClock });
      const spec = sampleJob('secretive', { source: side, sink: side, webhook: `https://h/${SECRET}` });
      const job = await store.jobs.create(spec, () => null);
      expect((await store.jobs.readVersion(job.id, 1))?.sink.config).toEqual(config);
      const before = await bytesIn(place);
      await store.close();
      expect(before + (await bytesIn(place))).not.toContain(SECRET);
    });

    it("are sealed on the worker's disk, and open again", async () => {
      const place = await mkdtemp(join(folder, 'worker-'));
      const store = createConnectorStore(place, createSealer(Buffer.alloc(32, 3)));
      await store.load();
      await store.save({ name: 'x', config, target: 'STOPPED', generation: 1, topics: [] });
      expect(await bytesIn(place)).not.toContain(SECRET);
      expect(await store.load()).toMatchObject([{ name: 'x', config }]);
      const other = createConnectorStore(place, createSealer(Buffer.alloc(32, 4)));
      await expect(other.load()).rejects.toMatchObject({ code: 'SECRET_KEY_WRONG' });
    });

    it("are in no answer of the worker's, right or wrong", async () => {
      const worker = await startTestWorker({
        plugins: plugins.filter(({ className }) => !/\.file\./.test(className)),
      });
      closing.push(() => worker.close());
      const ask = async (method: string, path: string, body: unknown): Promise<string> => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${worker.worker.url}${path}`, {
          method,
          headers,
          body: JSON.stringify(body),
        });
        const text = await answer.text();
        expect(text).not.toBe('');
        return text;
      };
      const full = { ...config, name: 'x', 'connector.class': plugin.className, topics: 't' };
      const answers = [
        await ask('PUT', `/connector-plugins/${plugin.className}/config/validate`, full),
        await ask('POST', '/connectors', { name: 'x', config: full }),
        await ask('PUT', '/connectors/x/config', { ...full, topics: '' }),
        await ask('POST', '/connectors', { name: 'x', config: { ...config, name: 'x' } }),
      ];
      expect(answers.join('\n')).not.toContain(SECRET);
      expect(JSON.stringify(worker.events)).not.toContain(SECRET);
    });

    it('are in no answer of the admin API', async () => {
      const bed = await setupApi({ plugins });
      closing.push(() => bed.close());
      const spec = { ...jobBody(), source: side, sink: side, webhook: null };
      for (const path of ['/jobs', '/jobs/validate', '/jobs/check']) {
        const { body } = await bed.ask({ method: 'POST', url: `/api/v1${path}`, payload: spec });
        expect(JSON.stringify(body)).not.toContain(SECRET);
      }
      const job = await bed.store.jobs.create(sampleJob('x', { source: side, sink: side }), () => null);
      const { body } = await bed.ask({ method: 'GET', url: `/api/v1/jobs/${job.id}` });
      expect(JSON.stringify(body)).toContain('***');
      expect(JSON.stringify(body)).not.toContain(SECRET);
    });
  },
);
