// Posts a webhook to an address that may be reached: the socket's own look-up decides, on the resolved IP, once, so that a
// name can't point elsewhere between check and use. Redirects are not followed.
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { RefuseAddress } from '../../src/core/network/address-guard.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { PostWebhook } from '../executor-parts.ts';

/** `refuse`: see core/address-guard.ts. */
export function createWebhookPost(refuse: RefuseAddress): PostWebhook {
  return ({ url, body, signal }) =>
    new Promise((resolve, reject) => {
      const target = new URL(url);
      const literal = target.hostname.replace(/^\[|\]$/g, '');
      const refusal = isIP(literal) === 0 ? null : refuse(literal);
      if (refusal !== null) {
        reject(
          new SyncError('BAD_INPUT', { message: `posting a webhook: its host ${refusal}`, field: 'webhook' }),
        );
        return;
      }
      const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const request = send(target, {
        method: 'POST',
        headers,
        signal,
        agent: false,
        lookup: guardedLookup(refuse),
      });
      request.on('response', (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
}

function guardedLookup(refuse: RefuseAddress): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const usable = addresses.filter(({ address }) => refuse(address) === null);
      const [first] = usable;
      if (first === undefined) {
        const why = addresses[0] === undefined ? 'has no address' : (refuse(addresses[0].address) ?? '');
        callback(
          new SyncError('BAD_INPUT', { message: `posting a webhook: its host ${why}`, field: 'webhook' }),
          '',
          0,
        );
        return;
      }
      if (options.all === true) callback(null, usable);
      else callback(null, first.address, first.family);
    });
  };
}
