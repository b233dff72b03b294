import type { ClosedForm } from './closed-form-classifier';

/** A function of the logits of one image, and the function that takes d loss / d values back to d loss / d logits. */
export type LogitFunction = (logits: Float64Array) => {
  readonly values: Float64Array;
  pullBack(slope: Float64Array): Float64Array;
};

/** A form with a function of its logits behind it, such as a softmax. Another number of classes may come of it. */
export function behind(form: ClosedForm, head: LogitFunction, classes = form.classes): ClosedForm {
  return {
    ...form,
    classes,
    evaluate(image) {
      const inner = form.evaluate(image);
      const { values, pullBack } = head(inner.logits);
      return { logits: values, pullBack: (slope) => inner.pullBack(pullBack(slope)) };
    },
  };
}
