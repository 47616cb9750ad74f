/** A statement may have megabytes; its beginning, on one line, says which one it is. */
export function statementHead(sql: string): string {
  const head = sql.slice(0, 200).replaceAll(/\s+/g, ' ').trim();
  return head.length <= 80 ? head : `${head.slice(0, 79)}…`;
}
