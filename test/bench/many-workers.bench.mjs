// What becomes of up to 1,000 workers at one PostgreSQL: a simulation with service times that are measured here.
import { runSource } from './run-source.mjs';

export default function manyWorkersBench() {
  runSource('test/cluster/many-workers.main.ts');
}
