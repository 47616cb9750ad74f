import { describeAside } from '../../conformance/sink-aside.ts';
import { openSqliteAsideBed } from './sqlite-aside-bed.ts';

describeAside('an SQLite file', openSqliteAsideBed);
