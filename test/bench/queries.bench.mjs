// What the dashboard asks of a store of 500 runs and 1 million attacked instances for each of its pages, in a folder and
// on PostgreSQL: milliseconds a query. The pages themselves are in `dashboard`.
import { runSource } from './run-source.mjs';

export default function queriesBench() {
  runSource('test/store/time-queries.ts');
}
