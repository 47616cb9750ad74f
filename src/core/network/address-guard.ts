// Which addresses may be reached from here: by webhooks, and by connectors that somebody else configured.
import { BlockList, isIP } from 'node:net';
import { SyncError } from '../errors.ts';

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
const inside: readonly string[] = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
];

/** What an IP address is that may not be reached, as the end of a sentence; null: it may. */
export type RefuseAddress = (address: string) => string | null;

/** Loopback and private addresses only where `allow` lists them. Throws BAD_INPUT for what is no CIDR block. */
export function guardWebhooks(allow: readonly string[]): RefuseAddress {
  const [denied, guarded] = [blocksOf(never, ''), blocksOf(inside, '')];
  const allowed = blocksOf(allow, 'webhookAllow');
  return (address) => {
    if (isIn(denied, address)) return 'is a link-local, multicast or unspecified address';
    if (!isIn(guarded, address) || isIn(allowed, address)) return null;
    return 'is a loopback or private address that webhookAllow does not list';
  };
}

/** Databases usually are at loopback or private addresses, so these are refused only where `deny` lists them. Throws BAD_INPUT. */
export function guardConnectors(deny: readonly string[]): RefuseAddress {
  const [denied, listed] = [blocksOf(never, ''), blocksOf(deny, 'egressDeny')];
  return (address) => {
    if (isIn(denied, address)) return 'is a link-local, multicast or unspecified address';
    return isIn(listed, address) ? 'is an address that egressDeny lists' : null;
  };
}

function isIn(blocks: BlockList, address: string): boolean {
  return blocks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function blocksOf(cidrs: readonly string[], field: string): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const block = parseCidr(cidr);
    if (block === null)
      throw new SyncError('BAD_INPUT', { message: `reading ${field}: '${cidr}' is no CIDR block`, field });
    list.addSubnet(block.address, block.bits, block.family);
  }
  return list;
}

export function isCidrBlock(text: string): boolean {
  return parseCidr(text) !== null;
}

/** An address alone is a block of one. */
function parseCidr(
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' } | null {
  const [address = '', prefix = ''] = text.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const bits = prefix === '' ? most : Number(prefix);
  if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > most) return null;
  return { address, bits, family: family === 6 ? 'ipv6' : 'ipv4' };
}
