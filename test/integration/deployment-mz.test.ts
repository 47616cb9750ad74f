// The deployment mz: scheduler | executor | worker.
import { describeDeployment } from '../support/deployment-suite.ts';

describeDeployment('mz', ['scheduler,api', 'executor', 'worker']);
