// Jobs between files: what each side allows alone, and the two together do not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPlugins } from '../../connectors/registry.ts';
import { jobBody, setupApi } from './setup-api.ts';
import type { ApiBed } from './setup-api.ts';

let bed: ApiBed;
let fileRoot: string;
beforeEach(async () => {
  fileRoot = await mkdtemp(join(tmpdir(), 'syncline-files-'));
  bed = await setupApi({ plugins: createPlugins({ fileRoot }) });
});
afterEach(async () => {
  await bed.close();
  await rm(fileRoot, { recursive: true, force: true });
});

const source = {
  connector: 'io.syncline.file.FileSourceConnector',
  config: { file: 'a.txt', topic: 'lines' },
};
const sinkTo = (file: string): object => ({
  connector: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  config: { file },
});
const post = (change: object): ReturnType<ApiBed['ask']> =>
  bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: jobBody({ webhook: null, source, ...change }) });

it('a file is copied to another, whole', async () => {
  expect(await post({ mode: 'full', sink: sinkTo('b.txt') })).toMatchObject({ status: 201 });
});

it('a file is not read by increments', async () => {
  expect(await post({ sink: sinkTo('b.txt') })).toMatchObject({
    status: 400,
    body: { field: 'mode', detail: expect.stringContaining('always read whole') as string },
  });
});

it.each(['a.txt', './a.txt', 'x/../a.txt'])(
  'a file is not written back into itself, called %s',
  async (file) => {
    expect(await post({ mode: 'full', sink: sinkTo(file) })).toMatchObject({
      status: 400,
      body: { field: 'sink.config.file' },
    });
  },
);

it('a stock class on a cluster that is not ours is refused, as no run with it could end', async () => {
  bed.cluster.incarnation = null;
  const stock = { ...source, connector: 'FileStreamSource' };
  expect(await post({ mode: 'full', source: stock, sink: sinkTo('b.txt') })).toMatchObject({
    status: 400,
    body: { field: 'source.connector', detail: expect.stringContaining("is not Syncline's") as string },
  });
  expect(await post({ mode: 'full', sink: sinkTo('b.txt') })).toMatchObject({
    status: 400,
    body: { field: 'sink.connector', detail: expect.stringContaining('sink.cluster') as string },
  });
});
