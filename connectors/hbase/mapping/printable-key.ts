// Row keys for people: ASCII stands for itself, every other byte and the backslash as `\xHH`, as HBase's shell prints them.

export function printKey(key: Uint8Array): string {
  let text = '';
  for (const byte of key) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** A key as people write it: text in UTF-8, any byte as `\xHH`, the backslash as `\x5C`. null: a backslash stands for nothing. */
export function readKey(text: string): Buffer | null {
  const parts = text.split('\\');
  const [first = '', ...escaped] = parts;
  const bytes = [Buffer.from(first)];
  for (const part of escaped) {
    const match = /^x([0-9a-f]{2})(.*)$/is.exec(part);
    if (match === null) return null;
    bytes.push(Buffer.from(match[1] ?? '', 'hex'), Buffer.from(match[2] ?? ''));
  }
  return Buffer.concat(bytes);
}
