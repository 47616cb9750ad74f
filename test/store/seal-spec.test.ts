// Secrets at rest: nothing of them in the file, all of them in the answers.
import { mkdtempSync, readFileSync, rmSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { JobSpec } from '../../src/core/job.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createSpecSealer } from '../../src/store/jobs/seal-spec.ts';
import { firesAt, nextFire, sampleJob } from '../support/sample-job.ts';

const folder = mkdtempSync(join(tmpdir(), 'syncline-seal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const key = Buffer.alloc(32, 1);
const secrets = ['hush-1-of-source', 'hush-2-of-sink', 'hush-3-in-url', 'hush-4-of-hook', 'hush-5-token'];
const spec: JobSpec = sampleJob('secretive', {
  source: {
    connector: 'Source',
    config: { 'db.Password': 'hush-1-of-source', table: 'orders', 'access.token': 'hush-5-token' },
  },
  sink: {
    connector: 'Sink',
    config: {
      'connection.url': 'jdbc:mysql://db:3306/shop?user=me&password=hush-3-in-url',
      'client.secret': 'hush-2-of-sink',
      'empty.password': '',
    },
  },
  webhook: 'https://hooks.test/hush-4-of-hook',
});

describe('a sealed spec', () => {
  it('opens to what it was, keys in their order', () => {
    const sealer = createSpecSealer(key);
    const opened = sealer.open('job', sealer.seal('job', spec));
    expect(opened).toEqual(spec);
    expect(Object.keys(opened.sink.config)).toEqual(Object.keys(spec.sink.config));
  });

  it('holds no secret, and is another text each time', () => {
    const sealer = createSpecSealer(key);
    const sealed = sealer.seal('job', spec);
    for (const secret of secrets) expect(sealed).not.toContain(secret);
    expect(sealed).toContain('secretive');
    expect(sealer.seal('job', spec)).not.toBe(sealed);
  });

  it('does not open under another key, for another job, or when touched', () => {
    const sealer = createSpecSealer(key);
    const sealed = sealer.seal('job', spec);
    const code = 'SECRET_KEY_WRONG';
    expect(() => createSpecSealer(Buffer.alloc(32, 2)).open('job', sealed)).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() => sealer.open('other job', sealed)).toThrow(expect.objectContaining({ code }));
    const stored = JSON.parse(sealed) as { sealed: { sink: string } };
    const box = stored.sealed.sink;
    stored.sealed.sink = `${box.slice(0, -8)}${box.at(-8) === 'A' ? 'B' : 'A'}${box.slice(-7)}`;
    expect(() => sealer.open('job', JSON.stringify(stored))).toThrow(expect.objectContaining({ code }));
  });

  it('needs a key of 32 bytes', () => {
    expect(() => createSpecSealer(Buffer.alloc(31))).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});

describe('a store with secrets', () => {
  it('writes none of them to its files, in any version', async () => {
    const url = `sqlite:${join(folder, 'a.db')}`;
    const store = await openStore({ url, secretKey: key, clock: systemClock });
    const job = await store.jobs.create(spec, firesAt(null));
    await store.jobs.update({
      id: job.id,
      version: 1,
      spec: { ...spec, description: 'second' },
      settle: nextFire(null),
    });
    expect(await store.jobs.readVersion(job.id, 1)).toEqual(spec);
    const written = readdirSync(folder).map((file) => readFileSync(join(folder, file)));
    await store.close();
    const all = Buffer.concat([...written, readFileSync(join(folder, 'a.db'))]);
    expect(all.includes('secretive')).toBe(true);
    for (const secret of secrets) expect(all.includes(secret)).toBe(false);
  });

  it('refuses to open with another key than it was written with', async () => {
    const url = `sqlite:${join(folder, 'b.db')}`;
    const store = await openStore({ url, secretKey: key, clock: systemClock });
    await store.close();
    await expect(
      openStore({ url, secretKey: Buffer.alloc(32, 9), clock: systemClock }),
    ).rejects.toMatchObject({
      code: 'SECRET_KEY_WRONG',
    });
  });
});
