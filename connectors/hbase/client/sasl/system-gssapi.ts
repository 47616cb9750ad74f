// GSSAPI of the system's MIT Kerberos library, called through the optional dependency `koffi` (nothing is compiled).
// The functions are those of RFC 2744. Calls run on threads of their own: the first asks the KDC.
import { loadOptional, withAdvice } from './gss-failure.ts';
import type { GssContext, OpenGssContext, Protection, ServicePrincipal } from './gssapi.ts';
import { contextFlags } from './kerberos-package.ts';

const mechanismId = Buffer.from('2a864886f712010202', 'hex');
/** GSS_KRB5_NT_PRINCIPAL_NAME: `service/host@REALM` */
const principalNameId = Buffer.from('2a864886f71201020201', 'hex');
const complete = 0;
const continueNeeded = 1;
const mutualFlag = 2;
/** What gss_display_status describes. */
const majorStatus = 1;
const minorStatus = 2;

/** An address; null is none. */
type Address = bigint | null;
/** gss_buffer_desc and gss_OID_desc alike; `value` is bytes of ours or the address of the library's. */
interface Bytes {
  readonly length: number | bigint;
  readonly value: Address | Uint8Array;
}
/** What a function writes to; `minor` is its mechanism's status. */
type Out<T> = [T];

/** The first argument is the minor status, the result the major one. */
interface NativeFunction {
  (minor: Out<number>, ...args: unknown[]): number;
  async(minor: Out<number>, ...args: unknown[]): void;
}

interface Koffi {
  load(library: string): {
    func(name: string, result: string, args: readonly unknown[]): NativeFunction;
  };
  struct(members: Readonly<Record<string, string>>): unknown;
  pointer(type: unknown): unknown;
  out(type: unknown): unknown;
  inout(type: unknown): unknown;
  view(address: unknown, length: number): ArrayBuffer;
}

interface Library {
  readonly importName: NativeFunction;
  readonly initContext: NativeFunction;
  readonly wrap: NativeFunction;
  readonly unwrap: NativeFunction;
  readonly displayStatus: NativeFunction;
  readonly releaseBytes: NativeFunction;
  readonly releaseName: NativeFunction;
  readonly deleteContext: NativeFunction;
  readonly view: Koffi['view'];
}

let library: Library | undefined;

/** For `integrity` and `privacy`; tickets come from where kerberos-package.ts says. */
export function systemGssapi(protection: Protection): OpenGssContext {
  return async (principal) => {
    const koffi = await loadOptional('koffi', '3.3.4', `hbase.rpc.protection=${protection}`);
    library ??= await withAdvice(principal.host, () => Promise.resolve(loadLibrary(koffi as Koffi)));
    return new SystemContext(library, principal);
  };
}

function loadLibrary(koffi: Koffi): Library {
  const bytes = koffi.struct({ length: 'size_t', value: 'void *' });
  const id = koffi.pointer(koffi.struct({ length: 'uint32', value: 'void *' }));
  const handle = 'void *';
  const inBytes = koffi.pointer(bytes);
  const outBytes = koffi.out(inBytes);
  const inoutHandle = koffi.inout(koffi.pointer(handle));
  const outNumber = koffi.out(koffi.pointer('uint32'));
  const loaded = koffi.load('libgssapi_krb5.so.2');
  const gss = (name: string, ...args: readonly unknown[]): NativeFunction =>
    loaded.func(`gss_${name}`, 'uint32', [outNumber, ...args]);
  return {
    importName: gss('import_name', inBytes, id, inoutHandle),
    initContext: gss(
      'init_sec_context',
      ...[handle, inoutHandle, handle, id, 'uint32', 'uint32', handle, inBytes],
      ...[handle, outBytes, outNumber, handle],
    ),
    wrap: gss('wrap', handle, 'int', 'uint32', inBytes, handle, outBytes),
    unwrap: gss('unwrap', handle, inBytes, outBytes, handle, handle),
    displayStatus: gss('display_status', 'uint32', 'int', id, koffi.inout(koffi.pointer('uint32')), outBytes),
    releaseBytes: gss('release_buffer', koffi.inout(inBytes)),
    releaseName: gss('release_name', inoutHandle),
    deleteContext: gss('delete_sec_context', inoutHandle, handle),
    view: (address, length) => koffi.view(address, length),
  };
}

/** Contexts and names of connections that nobody holds any more. */
const forgotten = new FinalizationRegistry<() => void>((free) => free());

class SystemContext implements GssContext {
  established = false;
  readonly #library: Library;
  readonly #target: string;
  readonly #context: Out<Address> = [null];
  readonly #server: Out<Address> = [null];

  constructor(native: Library, { service, host, realm }: ServicePrincipal) {
    this.#library = native;
    this.#target = realm === undefined ? `${service}/${host}` : `${service}/${host}@${realm}`;
    const [context, server] = [this.#context, this.#server];
    forgotten.register(this, () => {
      if (context[0] !== null) native.deleteContext([0], context, null);
      if (server[0] !== null) native.releaseName([0], server);
    });
  }

  step(token: Uint8Array): Promise<Buffer> {
    return withAdvice(this.#target, async () => {
      if (this.#server[0] === null) await this.#importServer();
      const [output, flags] = [noBytes(), [0] as Out<number>];
      const status = await this.#call(
        this.#library.initContext,
        ...[null, this.#context, this.#server[0], idOf(mechanismId), contextFlags, 0, null],
        ...[bytesFor(token), null, output, flags, null],
      );
      this.established = status === complete;
      if (this.established && (flags[0] & mutualFlag) === 0) throw new Error('the server proved nothing');
      return this.#take(output);
    });
  }

  wrap(bytes: Uint8Array, encrypt: boolean): Promise<Buffer> {
    return withAdvice(this.#target, async () => {
      const output = noBytes();
      const args = [this.#context[0], encrypt ? 1 : 0, 0, bytesFor(bytes), null, output];
      await this.#call(this.#library.wrap, ...args);
      return this.#take(output);
    });
  }

  unwrap(token: Uint8Array): Promise<Buffer> {
    return withAdvice(this.#target, async () => {
      const output = noBytes();
      await this.#call(this.#library.unwrap, this.#context[0], bytesFor(token), output, null, null);
      return this.#take(output);
    });
  }

  async #importServer(): Promise<void> {
    const name = bytesFor(Buffer.from(this.#target));
    await this.#call(this.#library.importName, name, idOf(principalNameId), this.#server);
  }

  /** The major status. @throws Error in the library's words */
  async #call(run: NativeFunction, ...args: readonly unknown[]): Promise<number> {
    const minor: Out<number> = [0];
    const major = await new Promise<number>((resolve, reject) =>
      run.async(minor, ...args, (error: Error | null, status: number) => {
        if (error === null) resolve(status);
        else reject(error);
      }),
    );
    // Anything more than complete is a fault, too: a token that came twice or out of order.
    if (major === complete || major === continueNeeded) return major;
    const texts = [
      this.#describe(major, majorStatus),
      minor[0] === 0 ? '' : this.#describe(minor[0], minorStatus),
    ];
    throw new Error(texts.filter((text) => text !== '').join(': '));
  }

  #describe(status: number, kind: number): string {
    const output = noBytes();
    this.#library.displayStatus([0], status, kind, idOf(mechanismId), [0], output);
    return this.#take(output).toString();
  }

  /** Copies the library's bytes and gives them back to it. */
  #take(bytes: Bytes): Buffer {
    const length = Number(bytes.length);
    const copy = Buffer.alloc(length);
    if (length > 0) copy.set(new Uint8Array(this.#library.view(bytes.value, length)));
    this.#library.releaseBytes([0], bytes);
    return copy;
  }
}

function noBytes(): Bytes {
  return { length: 0, value: null };
}

function bytesFor(bytes: Uint8Array): Bytes {
  return bytes.length === 0 ? noBytes() : { length: bytes.length, value: bytes };
}

function idOf(id: Buffer): Bytes {
  return { length: id.length, value: id };
}
