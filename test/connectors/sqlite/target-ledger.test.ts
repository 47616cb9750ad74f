import { describeTargetLedger } from '../../conformance/target-ledger.ts';
import { openSqliteBed } from './sqlite-bed.ts';

describeTargetLedger('an SQLite file', openSqliteBed);
