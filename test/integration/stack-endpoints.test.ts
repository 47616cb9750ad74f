// What the stack hands out can be used as it says, by the clients that the product has.
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import pg from 'pg';
import { describe, expect, inject, test } from 'vitest';
import type { MariadbEndpoint } from '../../src/stack/stack-endpoints.ts';

const stack = inject('stack');

describe.skipIf(stack === null)("the stack's endpoints", () => {
  // Never undefined inside: the suite is skipped then.
  const { kafka, mariadb, redis, postgresql, connect } = stack ?? ({} as NonNullable<typeof stack>);

  function connectMariadb({ host, port, user, password }: Omit<MariadbEndpoint, 'database'>) {
    return createConnection({ host, port, user, password });
  }

  test('Kafka makes a topic and counts its partitions', async () => {
    const client = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    const topic = `stack-test-${Date.now()}`;
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    expect(topics[0]?.partitions).toHaveLength(3);
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });

  test('the MariaDB user makes databases that begin with syncline, and no others', async () => {
    const connection = await connectMariadb(mariadb);
    const name = `syncline_stack_test_${Date.now()}`;
    await connection.query(`CREATE DATABASE ${name}`);
    await connection.query(`CREATE TABLE ${name}.t (id INT PRIMARY KEY)`);
    await connection.query(`DROP DATABASE ${name}`);
    await expect(connection.query('CREATE DATABASE stack_test')).rejects.toMatchObject({ errno: 1044 });
    await connection.end();
  });

  test('the root of MariaDB may grant rights', async () => {
    const root = await connectMariadb({
      ...mariadb,
      user: mariadb.rootUser,
      password: mariadb.rootPassword,
    });
    const [rows] = await root.query<RowDataPacket[]>("SHOW GRANTS FOR 'root'@'127.0.0.1'");
    expect(JSON.stringify(rows)).toContain('WITH GRANT OPTION');
    await root.end();
  });

  test('nobody is root in MariaDB without its password', async () => {
    const attempt = connectMariadb({ ...mariadb, user: mariadb.rootUser, password: '' });
    await expect(attempt).rejects.toMatchObject({ errno: 1045 });
  });

  test('Redis stores a value', async () => {
    const client = new Redis(redis.url);
    await client.set('stack-test', 'v', 'EX', 10);
    expect(await client.get('stack-test')).toBe('v');
    client.disconnect();
  });

  test('the PostgreSQL user makes databases', async () => {
    const client = new pg.Client({ connectionString: postgresql.url });
    await client.connect();
    const name = `stack_test_${Date.now()}`;
    await client.query(`CREATE DATABASE ${name}`);
    await client.query(`DROP DATABASE ${name}`);
    await client.end();
  });

  test.skipIf(connect === undefined)('Kafka Connect lists the FileStream connectors', async () => {
    const answer = await fetch(`${connect?.url ?? ''}/connector-plugins`);
    const plugins = (await answer.json()) as { class: string }[];
    expect(plugins.map((plugin) => plugin.class)).toEqual(
      expect.arrayContaining([
        'org.apache.kafka.connect.file.FileStreamSinkConnector',
        'org.apache.kafka.connect.file.FileStreamSourceConnector',
      ]),
    );
  });
});
