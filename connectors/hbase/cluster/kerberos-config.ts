// Keys of a cluster with hbase.security.authentication=kerberos, named as in its hbase-site.xml.
import type { Refuse, ValuesOf } from '../../../src/core/connector/config.ts';
import { choice, text } from '../../../src/core/connector/config.ts';
import { protections } from '../client/sasl/gssapi.ts';
import type { KerberosOptions } from '../client/sasl/kerberos-options.ts';

const group = 'HBase security';

export const kerberosKeys = {
  authentication: choice('hbase.security.authentication', ['simple', 'kerberos'], {
    default: 'simple',
    doc: {
      en: 'simple (HBase believes hbase.user) or kerberos (by the ticket or keytab in the environment of Syncline; needs an npm package, see README).',
      zh: 'simple（HBase 相信 hbase.user）或 kerberos（使用 Syncline 环境中的票据或 keytab；需安装 npm 包，见 README）。',
    },
    group,
  }),
  regionServerPrincipal: text('hbase.regionserver.kerberos.principal', {
    default: '',
    doc: {
      en: 'With kerberos: who region servers must prove to be, like hbase/_HOST@REALM; _HOST stands for the name of each server.',
      zh: 'kerberos：RegionServer 必须证明的身份，如 hbase/_HOST@REALM；_HOST 代表各服务器的主机名。',
    },
    group,
  }),
  masterPrincipal: text('hbase.master.kerberos.principal', {
    default: '',
    doc: {
      en: 'The same of masters, and of the servers in hbase.masters; blank: as hbase.regionserver.kerberos.principal.',
      zh: 'Master 及 hbase.masters 中服务器的身份；留空：同 hbase.regionserver.kerberos.principal。',
    },
    group,
  }),
  protection: choice('hbase.rpc.protection', protections, {
    default: 'authentication',
    doc: {
      en: 'With kerberos: what guards the bytes on the wire. The server must offer it; neither less nor more is accepted.',
      zh: 'kerberos：传输字节的保护级别；服务器必须提供该级别，不接受更低或更高。',
    },
    group,
  }),
};

/** undefined: simple authentication, or it was named what is wrong. */
export function readKerberos(
  values: ValuesOf<typeof kerberosKeys>,
  refuse: Refuse,
): KerberosOptions | undefined {
  if (values.authentication !== 'kerberos') return undefined;
  const { regionServerPrincipal, protection } = values;
  const masterPrincipal = values.masterPrincipal || regionServerPrincipal;
  const { name } = kerberosKeys.regionServerPrincipal.def;
  if (regionServerPrincipal === '')
    refuse(
      name,
      'missing; with hbase.security.authentication=kerberos name who region servers are, like hbase/_HOST@REALM',
    );
  else checkPrincipal(name, regionServerPrincipal, refuse);
  if (values.masterPrincipal !== '')
    checkPrincipal(kerberosKeys.masterPrincipal.def.name, masterPrincipal, refuse);
  return { regionServerPrincipal, masterPrincipal, protection };
}

function checkPrincipal(name: string, principal: string, refuse: Refuse): void {
  if (!/^[^/@\s]+\/[^/@\s]+(@[^/@\s]+)?$/.test(principal))
    refuse(name, `'${principal}' is no principal of a server; write service/_HOST@REALM`);
}
