import type { ModelInspection } from './model-inspection';

/** Datasets whose samples have one shape, whatever their parameters: channels, height and width, and all their classes. */
const SHAPES: Readonly<
  Record<string, { readonly shape: readonly [number, number, number]; readonly classes: number }>
> = {
  mnist: { shape: [1, 28, 28], classes: 10 },
  'fashion-mnist': { shape: [1, 28, 28], classes: 10 },
  cifar10: { shape: [3, 32, 32], classes: 10 },
  cifar100: { shape: [3, 32, 32], classes: 100 },
};

/** What a file says that it takes and answers, as far as it does. */
export interface ModelFit {
  /** Without the batch; undefined where a dimension is open, or several inputs leave it open. */
  readonly input: readonly number[] | undefined;
  readonly classes: number | undefined;
  /** Datasets whose samples fit, by name. */
  readonly datasets: readonly string[];
}

export function fitOf({ inputs, outputs }: Pick<ModelInspection, 'inputs' | 'outputs'>): ModelFit {
  const [, ...dims] = inputs.length === 1 ? inputs[0]!.shape : [];
  const known = dims.filter((one) => typeof one === 'number' && one > 0) as number[];
  const input = dims.length > 0 && known.length === dims.length ? known : undefined;
  const last = outputs.length === 1 ? outputs[0]!.shape.at(-1) : undefined;
  const classes = typeof last === 'number' && last > 1 ? last : undefined;
  return { input, classes, datasets: input ? datasetsFor(input) : Object.keys(SHAPES) };
}

/**
 * Why samples of a dataset cannot be what a model takes; undefined where they can, or nobody knows before they are
 * there. A flat input has room for any image of as many values.
 */
export function misfit({ input }: Pick<ModelFit, 'input'>, dataset: string): string | undefined {
  const known = SHAPES[dataset];
  if (!known || !input || takes(input, known.shape)) return undefined;
  const others = datasetsFor(input);
  const instead =
    others.length > 0 ? `Choose ${others.join(' or ')}, or data of your own` : 'Choose data of that shape';
  return `The model takes ${input.join('x')}, and samples of ${dataset} are ${known.shape.join('x')}. ${instead}.`;
}

function datasetsFor(input: readonly number[]): string[] {
  return Object.keys(SHAPES).filter((name) => takes(input, SHAPES[name]!.shape));
}

function takes(input: readonly number[], [channels, height, width]: readonly [number, number, number]): boolean {
  if (input.length !== 3) return product(input) === channels * height * width;
  return [
    [channels, height, width],
    [height, width, channels],
  ].some((shape) => shape.join() === input.join());
}

/** How the classes of a dataset are named in its parameters for a model of so many; undefined for its default ones. */
export function classesFor(dataset: string, classes: number | undefined): 'all' | undefined {
  return classes !== undefined && classes === SHAPES[dataset]?.classes ? 'all' : undefined;
}

function product(values: readonly number[]): number {
  return values.reduce((a, b) => a * b, 1);
}
