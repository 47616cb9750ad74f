// The deployment zh: scheduler and executor together | worker.
import { describeDeployment } from '../support/deployment-suite.ts';

describeDeployment('zh', ['scheduler,executor,api', 'worker']);
