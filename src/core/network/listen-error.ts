// Why a server of ours could not open its port, in words.
import { SyncError } from '../errors.ts';

/** `setting` is the name of the port in the configuration. */
export function toListenError(
  server: { readonly name: string; readonly host: string; readonly port: number; readonly setting: string },
  cause: unknown,
): SyncError {
  const { code } = cause as NodeJS.ErrnoException;
  const why = reasons[code ?? ''] ?? (cause instanceof Error ? cause.message : String(cause));
  return new SyncError('PORT_UNUSABLE', {
    message: `opening the port of the ${server.name}: ${server.host}:${server.port} ${why}`,
    field: server.setting,
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'may not be opened by this user',
  EADDRNOTAVAIL: 'is no address of this machine',
  ENOTFOUND: 'is a host that nobody knows',
};
