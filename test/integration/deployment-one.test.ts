// The deployment one: everything in one process.
import { describeDeployment } from '../support/deployment-suite.ts';

describeDeployment('one', ['scheduler,executor,worker,api']);
