// Posts a webhook to an address that may be reached: the socket's own look-up decides, on the resolved IP, once, so that a
// name can't point elsewhere between check and use. Redirects are not followed.
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { SyncError } from '../src/core/errors.ts';
import type { PostWebhook } from './executor-parts.ts';

/** Link-local (with the cloud's metadata addresses), multicast and unspecified: never. */
const never: readonly string[] = [
  '169.254.0.0/16',
  'fe80::/10',
  '224.0.0.0/4',
  'ff00::/8',
  '0.0.0.0/8',
  '::/128',
  'fd00:ec2::254/128',
];
/** Loopback and private: only where the configuration allows them. */
const inside: readonly string[] = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
];

/** `allow`: CIDR blocks of loopback or private addresses that may be reached. Throws BAD_INPUT for what is no CIDR. */
export function createWebhookPost(allow: readonly string[]): PostWebhook {
  const denied = blocksOf(never);
  const guarded = blocksOf(inside);
  const allowed = blocksOf(allow);

  const refuse = (address: string): string | null => {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (denied.check(address, family)) return 'is a link-local, multicast or unspecified address';
    if (!guarded.check(address, family) || allowed.check(address, family)) return null;
    return 'is a loopback or private address that webhookAllow does not list';
  };

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

function guardedLookup(refuse: (address: string) => string | null): LookupFunction {
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

function blocksOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix = ''] = cidr.split('/');
    const family = isIP(address);
    const bits = prefix === '' ? (family === 6 ? 128 : 32) : Number(prefix);
    if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 6 ? 128 : 32)) {
      throw new SyncError('BAD_INPUT', {
        message: `reading webhookAllow: '${cidr}' is no CIDR block`,
        field: 'webhookAllow',
      });
    }
    list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
