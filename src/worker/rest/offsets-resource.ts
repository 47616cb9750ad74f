// /connectors/{c}/offsets: read, set, reset.
import type { OffsetsContext } from '../control/connector-offsets.ts';
import { alterOffsets, readOffsets, resetOffsets } from '../control/connector-offsets.ts';
import { readOffsetsBody } from './request-bodies.ts';
import type { Resource } from './resource.ts';
import { ok, param } from './resource.ts';

export function offsetsResource(context: OffsetsContext): Resource {
  return {
    path: '/connectors/:connector/offsets',
    methods: {
      GET: async (request) => ok({ offsets: await readOffsets(context, param(request, 'connector')) }),
      PATCH: async (request) => {
        await alterOffsets(context, param(request, 'connector'), readOffsetsBody(request.text));
        return ok({ message: 'The offsets for this connector have been altered successfully' });
      },
      DELETE: async (request) => {
        await resetOffsets(context, param(request, 'connector'));
        return ok({ message: 'The offsets for this connector have been reset successfully' });
      },
    },
  };
}
