import type { ClosedForm } from './closed-form-classifier';

/** A function of one feature. */
export interface FeatureFunction {
  value(x: number): number;
  /** Its derivative, or what counts as one. */
  slope(x: number): number;
}

/** A form with a function of every feature in front of it, such as a sine or a rounding. */
export function inFront(form: ClosedForm, { value, slope }: FeatureFunction): ClosedForm {
  return {
    ...form,
    evaluate(image) {
      const { logits, pullBack } = form.evaluate(image.map(value));
      return { logits, pullBack: (back) => pullBack(back).map((change, k) => change * slope(image[k]!)) };
    },
  };
}
