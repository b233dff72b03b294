import { auditArena } from './audit-arena';
import { behind } from './behind';
import { describeModel } from './check-model';
import { closedFormClassifier } from './closed-form-classifier';

/** Every logit and its square: twice as many classes. */
const withSquares = (logits: Float64Array) => ({
  values: Float64Array.of(...logits, ...logits.map((value) => value ** 2)),
  pullBack: (slope: Float64Array) => logits.map((value, j) => slope[j]! + 2 * value * slope[logits.length + j]!),
});

describeModel('with squares behind', async () => {
  const { form } = await auditArena();
  return closedFormClassifier(behind(form, withSquares, 2 * form.classes));
});
