// The first packet of a server, looked at and put back: whether TLS is offered is known before it is asked for. mysql2 would
// give up a server that has none, and a second connection would count at the server as a broken handshake of this host.
import type { Socket } from 'node:net';
import { systemClock } from '../../../src/core/clock.ts';
import { within } from '../../../src/core/waiting/within.ts';

const headBytes = 4;
const protocolVersion = 10;
/** CLIENT_SSL, in the lower half of the server's capabilities. */
const tlsFlag = 0x08_00;
/** Behind the version's end: connection id, first part of the challenge, a filler. */
const beforeCapabilities = 4 + 8 + 1;

/** Null: more bytes are needed. An error instead of a greeting offers nothing. */
export function offersTls(bytes: Buffer): boolean | null {
  if (bytes.length <= headBytes) return null;
  if (bytes[headBytes] !== protocolVersion) return false;
  const versionEnd = bytes.indexOf(0, headBytes + 1);
  const at = versionEnd + 1 + beforeCapabilities;
  if (versionEnd < 0 || bytes.length < at + 2)
    return bytes.length < bytes.readUIntLE(0, 3) + headBytes ? null : false;
  return (bytes.readUInt16LE(at) & tlsFlag) !== 0;
}

/** Leaves the socket as if nothing had been read. Throws what the network says. */
export function awaitTlsOffer(socket: Socket, limitMs: number): Promise<boolean> {
  const onLimit = (): never => {
    throw Object.assign(new Error('no greeting in time'), { code: 'ETIMEDOUT' });
  };
  return within({ clock: systemClock, ms: limitMs, onLimit }, readOffer(socket));
}

function readOffer(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      bytes = Buffer.concat([bytes, chunk]);
      const offered = offersTls(bytes);
      if (offered === null) return;
      stop();
      socket.unshift(bytes);
      resolve(offered);
    };
    const onError = (error: Error): void => {
      stop();
      reject(error);
    };
    const onEnd = (): void =>
      onError(
        Object.assign(new Error('the server closed the connection'), { code: 'PROTOCOL_CONNECTION_LOST' }),
      );
    const stop = (): void => {
      socket.off('readable', onReadable).off('error', onError).off('end', onEnd).off('close', onEnd);
    };
    socket.on('readable', onReadable).on('error', onError).on('end', onEnd).on('close', onEnd);
  });
}
