// The explicit list of what a stack can hold.
import type { StackService } from '../stack-service.ts';
import type { ServiceName } from '../stack-endpoints.ts';
import { hbase } from './hbase.ts';
import { kafkaConnect } from './kafka-connect.ts';
import { kafka } from './kafka.ts';
import { mariadb } from './mariadb.ts';
import { postgresql } from './postgresql.ts';
import { redis } from './redis.ts';

export const allServices: { readonly [Name in ServiceName]: StackService<Name> } = {
  kafka,
  hbase,
  mariadb,
  redis,
  postgresql,
  connect: kafkaConnect,
};
