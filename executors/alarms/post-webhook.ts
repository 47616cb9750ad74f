// Posts JSON to a webhook.
import type { RefuseAddress } from '../../src/core/network/address-guard.ts';
import type { PostWebhook } from '../executor-parts.ts';
import { createGuardedRequest } from '../guarded-request.ts';

export function createWebhookPost(refuse: RefuseAddress): PostWebhook {
  const call = createGuardedRequest(refuse, { doing: 'posting a webhook', field: 'webhook' });
  const headers = { 'content-type': 'application/json' };
  return ({ url, body, signal }) => call({ method: 'POST', url, headers, body, signal });
}
