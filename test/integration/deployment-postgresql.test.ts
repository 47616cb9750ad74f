// HBase → Kafka → PostgreSQL, the control plane's own database on that server too: the worker in a process of its own.
import { describeDeployment } from '../support/deployment-suite.ts';
import { openPostgresTarget } from '../support/sync-target.ts';

describeDeployment('postgresql', ['scheduler,executor,api', 'worker'], openPostgresTarget);
