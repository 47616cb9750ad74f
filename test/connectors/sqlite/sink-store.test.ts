import { describeSinkStore } from '../../conformance/sink-store.ts';
import { openSqliteBed } from './sqlite-bed.ts';

describeSinkStore('an SQLite file', openSqliteBed);
