// What a user's SQL may not say to SQLite: whatever opens another file than the connection's own. SQLite's files are in reach of the whole
// process, so such a word would leave the folder for files, and find the program's own database. The driver lets nothing be switched off.

/** Functions and tables of the driver's library; `sha3_query` runs the SQL that it is given. */
const functions = [
  'readfile',
  'writefile',
  'lsmode',
  'fsdir',
  'load_extension',
  'sha3_query',
  'fts3_tokenizer',
];

/** Those that change or tell nothing outside of the file, and not how it is written to; all others are refused. */
const pragmas = [
  ['analysis_limit', 'application_id', 'busy_timeout', 'cache_size', 'case_sensitive_like', 'collation_list'],
  ['compile_options', 'data_version', 'defer_foreign_keys', 'foreign_key_check', 'foreign_key_list'],
  ['foreign_keys', 'freelist_count', 'function_list', 'ignore_check_constraints', 'incremental_vacuum'],
  ['index_info', 'index_list', 'index_xinfo', 'integrity_check', 'legacy_alter_table', 'optimize'],
  ['page_count', 'page_size', 'quick_check', 'recursive_triggers', 'schema_version', 'secure_delete'],
  ['table_info', 'table_list', 'table_xinfo', 'user_version', 'wal_checkpoint'],
].flat();

type Token = Readonly<{ kind: 'word' | 'text' | 'mark' | 'parameter'; text: string }>;

/** Why SQLite is not given the text; null: it may be. */
export function refuseSql(sql: string): string | null {
  const tokens = tokensOf(sql);
  const statements = split(tokens);
  for (const [first, ...rest] of statements) {
    const complaint = first === undefined ? null : refuseStatement(first, rest);
    if (complaint !== null) return complaint;
  }
  const called = tokens.find(isForbidden);
  if (called !== undefined) return `${called.text} reaches files beside the database's own: remove it`;
  if (tokens.some(({ kind }) => kind === 'parameter'))
    return 'it has a parameter ($name, @name, :name or #name), and nothing is given for it: write the value';
  // In the body of a trigger statements end, too; SQLite looks at nothing behind its end.
  const isTrigger = (statements[0] ?? []).slice(0, 3).some(({ text }) => text === 'trigger');
  return statements.length > 1 && !isTrigger
    ? 'it holds several statements, of which SQLite would run the first alone: write one'
    : null;
}

/** A text may name a table, and is elsewhere a value; functions are named by words alone. */
function isForbidden({ kind, text }: Token): boolean {
  return kind === 'text' ? text === 'fsdir' : kind === 'word' && functions.includes(text);
}

function refuseStatement(first: Token, rest: readonly Token[]): string | null {
  const head = first.text;
  if (head === 'explain') {
    const behind = rest.slice(rest[0]?.text === 'query' ? 2 : 0);
    return behind[0] === undefined ? null : refuseStatement(behind[0], behind.slice(1));
  }
  const word = head.toUpperCase();
  if (head === 'attach' || head === 'detach')
    return `${word} opens another database than the connection's own: name it in a connection.url of its own`;
  if (head === 'vacuum' && rest.some(({ text }) => text === 'into'))
    return 'VACUUM INTO writes another file than the connection’s own: write VACUUM, or copy the rows with a job';
  if (head !== 'pragma') return null;
  const name = (rest[1]?.text === '.' ? rest[2] : rest[0])?.text ?? '';
  return pragmas.includes(name)
    ? null
    : `PRAGMA ${name} is not among those that stay within the database: ${pragmas.join(', ')}`;
}

function split(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const statements: Token[][] = [[]];
  for (const token of tokens)
    if (token.kind === 'mark' && token.text === ';') statements.push([]);
    else statements.at(-1)?.push(token);
  return statements.filter((each) => each.length > 0);
}

/** As SQLite reads them: names without their quotes, in small letters; a comment or text without an end goes to the end. */
const token = new RegExp(
  [
    /--[^\n]*/,
    /\/\*[^]*?(?:\*\/|$)/,
    /(?<quoted>'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)|`[^`]*(?:``[^`]*)*(?:`|$)|\[[^\]]*(?:\]|$))/,
    /(?<parameter>[$@:#][\w$\u0080-\uffff]*)/,
    /(?<word>[\w$\u0080-\uffff]+)/,
    /(?<mark>[^\s\w])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

function tokensOf(sql: string): readonly Token[] {
  // SQLite takes a byte order mark for a blank.
  return [...sql.replaceAll('\ufeff', ' ').matchAll(token)].flatMap(({ groups = {} }): readonly Token[] => {
    const { quoted, parameter, word, mark } = groups;
    if (quoted !== undefined) {
      const kind = quoted.startsWith("'") ? 'text' : 'word';
      return [{ kind, text: quoted.slice(1, -1).toLowerCase() }];
    }
    if (parameter !== undefined) return [{ kind: 'parameter', text: parameter }];
    if (word !== undefined) return [{ kind: 'word', text: word.toLowerCase() }];
    return mark === undefined ? [] : [{ kind: 'mark', text: mark }];
  });
}
