// The last step of SASL's GSSAPI mechanism (RFC 4752): the server offers security layers, the client chooses one.
//   offer := byte layers (1 none, 2 integrity, 4 privacy, or'ed) | uint24BE bytes the server takes at once
//   reply := byte layer | uint24BE bytes we take at once
// No authorization id follows: without one we are whom the ticket names.
import { HBaseError } from '../exceptions.ts';
import { protections } from './gssapi.ts';
import type { Protection } from './gssapi.ts';

const layerOf: Readonly<Record<Protection, number>> = { authentication: 1, integrity: 2, privacy: 4 };
/** HBase wraps whole responses, however large. */
const weTakeBytes = 0xffffff;

export interface ChosenLayer {
  readonly reply: Buffer;
  /** Most bytes of a wrapped token; 0 without a layer. */
  readonly serverTakesBytes: number;
}

/** @throws HBaseError when the server does not offer what is asked for: neither less nor more is taken */
export function chooseLayer(offer: Buffer, wanted: Protection): ChosenLayer {
  if (offer.length !== 4)
    throw new HBaseError({
      message: `negotiating SASL with HBase: an offer of ${offer.length} bytes instead of 4`,
      recovery: 'fail',
    });
  const offered = protections.filter((name) => (offer.readUInt8(0) & layerOf[name]) !== 0);
  if (!offered.includes(wanted))
    throw new HBaseError({
      message: `negotiating SASL with HBase: the server offers ${offered.join(' and ') || 'nothing known'}, not ${wanted}; set hbase.rpc.protection to what the cluster has`,
      recovery: 'fail',
    });
  const reply = Buffer.alloc(4);
  reply.writeUInt32BE(wanted === 'authentication' ? 0 : weTakeBytes);
  reply.writeUInt8(layerOf[wanted], 0);
  return { reply, serverTakesBytes: offer.readUIntBE(1, 3) };
}
