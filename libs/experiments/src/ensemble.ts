import { type ComponentDefinition, formatComponent } from '@rampart/core';
import { z } from 'zod';

/** A model, by what an experiment calls it: text, or the component that text of a list was read as. */
const member = z.union([
  z.string(),
  z.object({ name: z.string(), params: z.record(z.string(), z.any()) }).transform((spec) => formatComponent(spec)),
]);

const parameters = z.object({
  of: z.array(member).min(2).describe('Models of the experiment that stand before it, by their names in its tables.'),
  answer: z
    .enum(['mean', 'vote'])
    .default('mean')
    .describe('The mean of their logits, or the logarithm of the part of them that each class wins.'),
});

export type EnsembleParams = z.output<typeof parameters>;

/** Several models of an experiment as one. */
export const ensemble: ComponentDefinition = {
  kind: 'model',
  name: 'ensemble',
  summary: 'Several models of the experiment as one graph: the mean of their logits, or their vote.',
  source: 'Hansen, Salamon 1990, "Neural network ensembles"',
  version: 1,
  params: parameters,
};
