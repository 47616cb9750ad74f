// What a client sends once per socket; no answer on success.
//   "HBas" 0x00 auth(0x50 simple, 0x51 Kerberos: SASL goes on from here)  int32BE length  ConnectionHeader
// ConnectionHeader{1 UserInformation{1! string effective_user} 2 string service_name 3 string cell_block_codec_class 5 VersionInfo}
// VersionInfo{1!..6! string version,url,revision,user,date,src_checksum 7 uint32 version_major 8 uint32 version_minor}
// Without VersionInfo a server takes us for a 1.x client and words its failures differently.
import { ProtoReader } from './proto-reader.ts';
import { encodeMessage } from './proto-writer.ts';

export type ServiceName = 'ClientService' | 'AdminService' | 'ClientMetaService' | 'MasterService';

export const keyValueCodec = 'org.apache.hadoop.hbase.codec.KeyValueCodec';
/** `HBas`, version 0, auth 80 (simple). */
export const preamble = Buffer.from([0x48, 0x42, 0x61, 0x73, 0x00, 0x50]);
/** Auth 81. */
export const kerberosPreamble = Buffer.from([0x48, 0x42, 0x61, 0x73, 0x00, 0x51]);

export interface ConnectionHeader {
  /** undefined: the one that was authenticated; another name would be a wish to act for somebody else. */
  readonly effectiveUser: string | undefined;
  readonly serviceName: string;
  readonly cellBlockCodec: string;
}

/** The header behind its length. */
export function encodeConnectionHeader(header: ConnectionHeader): Buffer {
  const { effectiveUser } = header;
  const message = encodeMessage((writer) => {
    writer.message(1, effectiveUser === undefined ? undefined : (user) => user.string(1, effectiveUser));
    writer.string(2, header.serviceName).string(3, header.cellBlockCodec);
    writer.message(5, (version) => {
      version.string(1, '2.6.0');
      for (let field = 2; field <= 6; field++) version.string(field, '');
      version.uint32(7, 2).uint32(8, 6);
    });
  });
  const length = Buffer.alloc(4);
  length.writeInt32BE(message.length);
  return Buffer.concat([length, message]);
}

/** The header as a server reads it. */
export function decodeConnectionHeader(bytes: Uint8Array): ConnectionHeader {
  const reader = new ProtoReader(bytes);
  let effectiveUser: string | undefined;
  let [serviceName, cellBlockCodec] = ['', ''];
  while (reader.next()) {
    if (reader.field === 1) effectiveUser = readEffectiveUser(reader.bytes());
    else if (reader.field === 2) serviceName = reader.string();
    else if (reader.field === 3) cellBlockCodec = reader.string();
    else reader.skip();
  }
  return { effectiveUser, serviceName, cellBlockCodec };
}

function readEffectiveUser(bytes: Uint8Array): string {
  const reader = new ProtoReader(bytes);
  let user = '';
  while (reader.next()) {
    if (reader.field === 1) user = reader.string();
    else reader.skip();
  }
  return user;
}
