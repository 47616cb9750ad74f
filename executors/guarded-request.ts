// An HTTP request to an address that may be reached: the socket's own look-up decides, on the resolved IP, once, so that a
// name can't point elsewhere between check and use. Redirects are not followed.
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { RefuseAddress } from '../src/core/network/address-guard.ts';
import { SyncError } from '../src/core/errors.ts';

export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** null: none. */
  readonly body: string | null;
  readonly signal: AbortSignal;
}

/** The status code; rejects when there was no answer. */
export type CallHttp = (call: HttpCall) => Promise<number>;

/** `refuse`: see core/address-guard.ts. `doing`: in gerund, for the refusal, which names `field`. */
export function createGuardedRequest(
  refuse: RefuseAddress,
  { doing, field }: { readonly doing: string; readonly field: string },
): CallHttp {
  const refused = (why: string): SyncError =>
    new SyncError('BAD_INPUT', { message: `${doing}: its host ${why}`, field });
  return ({ method, url, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const target = new URL(url);
      const literal = target.hostname.replace(/^\[|\]$/g, '');
      const refusal = isIP(literal) === 0 ? null : refuse(literal);
      if (refusal !== null) {
        reject(refused(refusal));
        return;
      }
      const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
      const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
      const request = send(target, {
        method,
        headers: { ...headers, ...length },
        signal,
        agent: false,
        lookup: guardedLookup(refuse, refused),
      });
      request.on('response', (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body ?? undefined);
    });
}

function guardedLookup(refuse: RefuseAddress, refused: (why: string) => SyncError): LookupFunction {
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
        callback(refused(why), '', 0);
        return;
      }
      if (options.all === true) callback(null, usable);
      else callback(null, first.address, first.family);
    });
  };
}
