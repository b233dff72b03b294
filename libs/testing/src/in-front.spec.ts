import { auditArena } from './audit-arena';
import { describeModel } from './check-model';
import { closedFormClassifier } from './closed-form-classifier';
import { inFront } from './in-front';

const wave = { value: (x: number) => x + 0.1 * Math.sin(5 * x), slope: (x: number) => 1 + 0.5 * Math.cos(5 * x) };

describeModel('with a wave in front', async () => closedFormClassifier(inFront((await auditArena()).form, wave)));

it('feeds the form what the function makes of every feature', async () => {
  const { form, test } = await auditArena({ instances: 1 });
  const image = test.images.data;
  const { logits } = inFront(form, wave).evaluate(image);
  expect(logits).toEqual(form.evaluate(image.map(wave.value)).logits);
});
