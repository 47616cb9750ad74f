// The numbers that InnoDB gave a table, or its partitions: MariaDB's TRUNCATE gives new ones, and changes nothing else that stays. (MySQL's
// TRUNCATE changes the time when the table was made, too.) Only who has the right PROCESS may ask for them.

/** Answers one value. null: InnoDB writes such a name in a way of its own. */
export function tableNumbersSql(schema: string, table: string): string | null {
  const name = `${schema}/${table}`;
  if (!/^\w+\/\w+$/.test(name)) return null;
  const partition = `${name}#P#`;
  return `SELECT GROUP_CONCAT(table_id ORDER BY table_id) AS numbers FROM information_schema.innodb_sys_tables
    WHERE name = '${name}' OR LEFT(name, ${partition.length}) = '${partition}'`;
}
