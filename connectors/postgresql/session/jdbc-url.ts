// The JDBC URL of a PostgreSQL server: its options, and what they say of TLS and of the schema.
import { complain } from '../../../src/core/connector/config.ts';
import type { Text } from '../../../src/core/text.ts';
import { readFlag, readJdbcPlace, type JdbcPlace, type UrlForm } from '../../sql/connection/jdbc-url.ts';

export interface JdbcTarget extends Omit<JdbcPlace, 'options'> {
  readonly tls: TlsMode;
  /** null: the URL names none. */
  readonly schema: string | null;
}

/**
 * As in pgjdbc. `prefer`: TLS if the server has it; it and `require` take any certificate. `verify-ca`: one of somebody trusted;
 * `verify-full`: and issued for the host.
 */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

const oneHost: Text = { en: 'there is one host', zh: '只有一台主机' };
const oneCopy: Text = { en: 'batches are written by COPY', zh: '批次以 COPY 写入' };
const notKept: Text = {
  en: 'the few statements of a batch are not kept prepared',
  zh: '每批的少量语句不保留预编译',
};
const asText: Text = { en: 'values go as text', zh: '值以文本传送' };
const tenSeconds: Text = { en: 'connecting is given 10 s', zh: '连接限时 10 秒' };
const sixtySeconds: Text = { en: 'a statement is given 60 s', zh: '单条语句限时 60 秒' };
const alwaysOn: Text = { en: 'it is always on', zh: '始终开启' };
const ownName: Text = { en: 'sessions are called syncline', zh: '会话名为 syncline' };
const byPages: Text = { en: 'rows are read in pages', zh: '行按页读取' };
const asAsked: Text = {
  en: 'passwords are exchanged as the server asks for it',
  zh: '密码按服务器要求的方式交换',
};
const unlogged: Text = { en: 'nothing of it is needed here', zh: '此处不需要' };

/** No effect, and why that is right; null: it is read. Names in lower case. */
const options = new Map<string, Text | null>(
  Object.entries({
    targetservertype: oneHost,
    loadbalancehosts: oneHost,
    hostrecheckseconds: oneHost,
    rewritebatchedinserts: oneCopy,
    preparethreshold: notKept,
    preparedstatementcachequeries: notKept,
    preparedstatementcachesizemib: notKept,
    preferquerymode: notKept,
    binarytransfer: asText,
    stringtype: asText,
    logintimeout: tenSeconds,
    connecttimeout: tenSeconds,
    sockettimeout: sixtySeconds,
    cancelsignaltimeout: sixtySeconds,
    tcpkeepalive: alwaysOn,
    tcpnodelay: alwaysOn,
    applicationname: ownName,
    assumeminserverversion: unlogged,
    defaultrowfetchsize: byPages,
    adaptivefetch: byPages,
    channelbinding: asAsked,
    logunclosedconnections: unlogged,
    logservererrordetail: unlogged,
    currentschema: null,
    ssl: null,
    sslmode: null,
  }),
);

const form: UrlForm = { schemes: ['postgresql'], defaultPort: 5432, options };

/** Throws Complaint. */
export function readJdbcUrl(text: string): JdbcTarget {
  const { options: written, ...place } = readJdbcPlace(text, form);
  const schema = written.get('currentschema') ?? null;
  if (schema?.includes(',') === true) complain('currentSchema names several schemas, one is supported');
  return { ...place, schema: schema === '' ? null : schema, tls: readTls(written) };
}

/** `allow` would try plain text first: TLS goes first here in any case. */
const tlsModes = new Map<string, TlsMode>([
  ['disable', 'disable'],
  ['allow', 'prefer'],
  ['prefer', 'prefer'],
  ['require', 'require'],
  ['verify-ca', 'verify-ca'],
  ['verify-full', 'verify-full'],
]);

/** sslmode decides alone; without it ssl=true asks for a verified certificate, as in pgjdbc. */
function readTls(written: JdbcPlace['options']): TlsMode {
  const ssl = readFlag(written, 'ssl');
  const mode = written.get('sslmode')?.toLowerCase().replaceAll('_', '-');
  if (mode !== undefined)
    return (
      tlsModes.get(mode) ??
      complain(`sslmode '${mode}' is not known; write one of ${[...tlsModes.keys()].join(', ')}`)
    );
  if (ssl === true) return 'verify-full';
  return ssl === false ? 'disable' : 'prefer';
}
