// What SASL needs of a GSSAPI. Those of the product are optional packages (see openGssContext); tests bring others.

/** Quality of protection, in HBase's words (hbase.rpc.protection). */
export const protections = ['authentication', 'integrity', 'privacy'] as const;
export type Protection = (typeof protections)[number];

/** One client's side of one security context. No two calls at a time. All throw what the GSSAPI says, as an Error. */
export interface GssContext {
  /** Takes the server's token (none at first), gives the next one for the server: empty when there is none. */
  step(token: Uint8Array): Promise<Buffer>;
  /** Whether server and client know each other by now. */
  readonly established: boolean;
  wrap(bytes: Uint8Array, encrypt: boolean): Promise<Buffer>;
  unwrap(token: Uint8Array): Promise<Buffer>;
}

/** Whom a server must prove to be: service/host@realm. */
export interface ServicePrincipal {
  readonly service: string;
  readonly host: string;
  /** undefined: that of the host by krb5.conf */
  readonly realm: string | undefined;
}

/** A context towards a server, as whom the environment has a ticket for. */
export type OpenGssContext = (server: ServicePrincipal) => Promise<GssContext>;
