// A job whose row can't be opened: damaged, or sealed with another key.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobSpec } from '../../src/core/job.ts';
import { createSpecSealer } from '../../src/store/jobs/seal-spec.ts';
import { jobBody, setupApi } from './setup-api.ts';
import type { ApiBed } from './setup-api.ts';

describe('a job over the admin API', () => {
  let bed: ApiBed;
  beforeEach(async () => {
    bed = await setupApi();
  });
  afterEach(() => bed.close());

  it.each([
    ['is damaged', () => '{"spec":', 'what is stored is damaged'],
    [
      'was sealed with another key',
      (id: string) => createSpecSealer(Buffer.alloc(32, 8)).seal(id, jobBody() as unknown as JobSpec),
      'opening sealed values',
    ],
  ])(
    'whose specification %s is told as such, by name and with the way out, and can be replaced or deleted',
    async (_, stored, why) => {
      const { body: made } = await bed.ask({ method: 'POST', url: '/api/v1/jobs', payload: jobBody() });
      const id = made.id ?? '';
      await bed.overwriteSpec(id, stored(id));
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/pause'],
        ['POST', '/runs'],
        ['POST', '/check'],
        ['GET', '/watermark'],
      ] as const) {
        const { status, body } = await bed.ask({ method, url: `/api/v1/jobs/${id}${path}` });
        expect([status, body.code], path).toEqual([409, 'JOB_UNREADABLE']);
        expect(body['detail']).toContain(`orders 每天 (${id}): ${why}`);
        expect(body['hint']).toEqual({
          en: expect.stringMatching(/PUT.*delete it/) as string,
          zh: expect.stringContaining('PUT') as string,
        });
      }
      const url = `/api/v1/jobs/${id}`;
      const saved = await bed.ask({ method: 'PUT', url, payload: jobBody(), headers: { 'if-match': '"1"' } });
      expect(saved.status).toBe(200);
      expect((await bed.ask({ method: 'POST', url: `${url}/pause` })).status).toBe(200);
    },
  );
});
