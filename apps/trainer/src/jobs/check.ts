import { formatThreat, messageOf } from '@rampart/core';
import { parseExperiment } from '@rampart/experiments';
import type { JobRecord } from '@rampart/results';

/** What is wrong with the text of an experiment, or what it comes to. */
export type CheckedExperiment =
  | { readonly problem: string }
  | {
      readonly name: string;
      readonly dataset: string;
      readonly models: readonly string[];
      readonly defenses: readonly string[];
      readonly attacks: readonly string[];
      readonly threats: readonly string[];
      readonly seeds: readonly number[];
    };

/** Reads an experiment as it is typed on a page. Nothing is fetched and nothing is run. */
export async function checkForJob(job: JobRecord): Promise<CheckedExperiment> {
  const { experiment } = job.request as { readonly experiment: string };
  try {
    const read = parseExperiment(experiment, 'experiment');
    return {
      name: read.name,
      dataset: read.dataset.label,
      models: read.models.map(({ label }) => label),
      defenses: read.defenses.map(({ label }) => label),
      attacks: read.attacks.map(({ label }) => label),
      threats: read.threats.map(({ threat }) => formatThreat(threat)),
      seeds: read.seeds,
    };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
