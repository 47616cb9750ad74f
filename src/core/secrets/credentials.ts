// Credentials inside a value that is no secret as a whole: a connection URL, options in it, a login module's line.
//
//   scheme://user:SECRET@host   scheme://SECRET@host   jdbc:oracle:thin:user/SECRET@host   …?password=SECRET&…
//   password="SECRET"   {"password": "SECRET"}

// Widest on purpose: what is hidden without need can still be sent back, what is shown can't be taken back.
const secretName =
  /passw|passwor|pas+wo?r?d|pswd|pwd|passphrase|passcode|passkey|secret|token|credential|jaas|privatekey|apikey|accesskey|accountkey|sharedkey|sharedaccess|encryptionkey|keystorekey|sslkey|tlskey|authorization|basicauth|userinfo|bearer|cookie|密码|口令|密钥|令牌/i;

/** Does the name of a key or of a parameter say that its value is secret? Case and separators mean nothing. */
export function namesSecret(name: string): boolean {
  return secretName.test(decoded(name).replaceAll(/[^\p{L}\p{N}]/gu, ''));
}

/** `place` is the same for the same place in another text of that form, like the name of a parameter. */
export type Replace = (secret: string, place: string) => string;

/** The value with each credential in it replaced; a port is not taken for a password. */
export function replaceCredentials(value: string, replace: Replace): string {
  const put: Replace = (secret, place) => (secret === '' ? '' : replace(secret, place));
  const withoutUsers = !value.includes('@')
    ? value
    : value
        .replace(userAndSecret, (_all, user: string, secret: string) => `//${user}:${put(secret, '//:')}@`)
        .replace(bareUser, (_all, secret: string) => `//${put(secret, '//')}@`)
        .replace(thinUser, (_all, user: string, secret: string) => `${user}${put(secret, 'thin')}@`);
  return replaceAssigned(withoutUsers, put);
}

// A secret may hold every sign, '/' and '@' too: it ends at the last '@', unless it begins like a port.
const userAndSecret = /\/\/([^/@\s:?#"']*):((?!\d{1,5}(?:[/?#,]|$))[^\s"']{0,4096}|[^\s?#"']{0,4096})@/g;
const bareUser = /\/\/([^/@\s:?#"']+)@/g;
const thinUser = /(:thin:[^/\s@:]+\/)([^\s"']{0,4096})@/gi;

const assignment = /(?<![\p{L}\p{N}_.%-])([\p{L}\p{N}_.%-]+)(\\{0,3}["']?\s{0,9})([=:])\s{0,9}/gu;

function replaceAssigned(value: string, put: Replace): string {
  const isUrl = /^\s*(?:jdbc:|[a-z][\w+.-]*:\/\/)/i.test(value);
  let [result, at] = ['', 0];
  for (const match of value.matchAll(assignment)) {
    const begin = match.index + match[0].length;
    const [, name = '', , sign] = match;
    if (match.index < at || !namesSecret(name)) continue;
    const quote = /^\\{0,3}["']/.exec(value.slice(begin, begin + 4))?.[0] ?? '';
    if (quote === '' && sign === ':') continue;
    const from = begin + quote.length;
    const to = endOf(value, from, quote === '' ? (isUrl ? /[&;]/g : /[&;"\s]/g) : closing(quote));
    result += value.slice(at, from) + put(value.slice(from, to), decoded(name).toLowerCase());
    at = to;
  }
  return result + value.slice(at);
}

function closing(quote: string): RegExp {
  const literal = quote.replaceAll('\\', '\\\\');
  return new RegExp(quote.length > 1 ? literal : `(?<=(?<!\\\\)(?:\\\\\\\\)*)${literal}`, 'g');
}

function endOf(value: string, from: number, end: RegExp): number {
  end.lastIndex = from;
  return end.exec(value)?.index ?? value.length;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
