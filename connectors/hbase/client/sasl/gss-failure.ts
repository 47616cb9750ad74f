// What the Kerberos library says, as an error that says what to do.
import { HBaseError } from '../exceptions.ts';

/** A library that wants a ticket from its keytab says this as the cause of having none: it goes first. */
const noKdc = /cannot contact any kdc/i;

const advice: readonly (readonly [RegExp, string])[] = [
  [noKdc, 'is the KDC that krb5.conf names up, and to be reached from here?'],
  [/expired/i, 'renew the ticket (kinit), or give a keytab by KRB5_CLIENT_KTNAME'],
  [
    /no (kerberos )?credentials|credentials cache|ccache/i,
    'there is no ticket: run kinit as the user of Syncline, or give a keytab by KRB5_CLIENT_KTNAME',
  ],
  [
    /not found in kerberos database/i,
    'the realm has no such server: look at the principals in the configuration, and at how krb5.conf resolves host names and realms',
  ],
];

/** Runs work of a GSSAPI towards `target`. @throws HBaseError, for good unless no KDC answered */
export async function withAdvice<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const text = textOf(cause);
    const hint = advice.find(([pattern]) => pattern.test(text))?.[1];
    const mayPass = noKdc.test(text);
    throw new HBaseError({
      message: `Kerberos towards ${target}: ${text}${hint === undefined ? '' : `; ${hint}`}`,
      recovery: mayPass ? 'backoff' : 'fail',
      ...(mayPass ? {} : { code: 'HBASE_LOGIN' as const }),
      cause,
    });
  }
}

/** Loads a package that is no dependency of ours. `setting` is what asks for it. */
export async function loadOptional(name: string, version: string, setting: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new HBaseError({
      message: isMissing
        ? `${setting} needs the npm package ${name}, which is not installed: run \`npm install --no-save ${name}@${version}\` in the folder of Syncline`
        : `${setting}: the npm package ${name} does not load: ${textOf(cause)}`,
      recovery: 'fail',
      cause,
    });
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
