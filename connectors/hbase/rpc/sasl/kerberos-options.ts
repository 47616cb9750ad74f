// Whom a client of a Kerberos cluster believes that it talks to, and by what it proves who it is itself.
import { isIP } from 'node:net';
import { HBaseError } from '../exceptions.ts';
import type { ServiceName } from '../messages/connection-header.ts';
import type { OpenGssContext, Protection } from './gssapi.ts';

export interface KerberosOptions {
  /** `service/host` or `service/host@REALM`; `_HOST` stands for the name of the server that is talked to. */
  readonly regionServerPrincipal: string;
  readonly masterPrincipal: string;
  readonly protection: Protection;
  /** Default: by the npm package `kerberos`. */
  readonly openContext?: OpenGssContext;
}

/** The service and host that a server must prove to be. @throws HBaseError for `_HOST` and a server without a name */
export function servicePrincipal(
  options: Pick<KerberosOptions, 'masterPrincipal' | 'regionServerPrincipal'>,
  serviceName: ServiceName,
  host: string,
): { readonly service: string; readonly host: string } {
  const isMasters = serviceName === 'MasterService' || serviceName === 'ClientMetaService';
  const principal = isMasters ? options.masterPrincipal : options.regionServerPrincipal;
  const [service = '', instance = ''] = principal.replace(/@.*$/, '').split('/');
  if (instance !== '_HOST') return { service, host: instance };
  if (isIP(host) !== 0)
    throw new HBaseError({
      message: `talking to ${serviceName} of ${host}: ${principal} needs the server's name, and there is its address only; write names to hbase.masters`,
      recovery: 'fail',
    });
  return { service, host: host.toLowerCase() };
}
