import {
  type AccompaniedKind,
  accompaniedShape,
  featureCount,
  type ImageShape,
  type ModelView,
  pixelBox,
  type PixelBox,
  PUBLICATION_BOX,
} from '@rampart/core';
import {
  float32Tensor,
  type Graph,
  type Model,
  normalise,
  probe,
  readModel,
  type ValueInfo,
  type ValueTypes,
} from '@rampart/onnx';

import { compose } from '../graph/compose';
import { lowerLearningOperators } from '../graph/learning-operators';
import { ofLabelSets } from '../head/label-sets';
import { withRejection } from '../head/rejection';
import { chosenBy, type Choice, takesIntegers } from '../inputs/as-taken';
import { inFloat32, lacksFloat64 } from '../inputs/in-float32';
import { withCompany } from '../inputs/company';
import { type HeldInputs, withHeldInputs } from '../inputs/held-inputs';
import { readCard } from '../model-card';
import { withGradientNote } from './gradient-note';
import { findLogits, type Headed, type HeadOptions, withoutZipMap } from './head';
import { type FeatureUnits, imageShapeOf, layoutOf, type Preprocess, preprocessGraph } from './preprocess';

export interface PrepareOptions extends HeadOptions {
  /** The shape of the images; needed where the model's input is flat or of free size. */
  readonly shape?: ImageShape;
  /** The box of the images. Default: the one in the file's metadata, else the publication's [-0.5, 0.5]. */
  readonly box?: PixelBox;
  /** What happens to images before the model sees them. */
  readonly preprocess?: Preprocess;
  /** Units of each feature, where they are no pixels. */
  readonly units?: FeatureUnits;
  /** What the inputs that are not attacked are held at, by name. */
  readonly held?: HeldInputs;
  /** What samples bring along; `shape` and `units` are then those of what is attacked. */
  readonly company?: AccompaniedKind;
  /** Whether it is to be trained: in float32, whatever floats the file has, as steps of training are finer than others. */
  readonly trained?: boolean;
  /** Images are taken as `scale` times themselves plus `shift`, before all else. */
  readonly feed?: ModelView['feed'];
}

/** A model as a classifier of images: an input in core's layout and box, logits as a value of their own. */
export interface PreparedModel extends Headed {
  /** The input [batch, channels, height, width]. */
  readonly input: string;
  readonly shape: ImageShape;
  readonly box: PixelBox;
  readonly layout: 'nchw' | 'nhwc';
  /** The element type that the file takes. Whole numbers are rounded to, gradients pass straight through that. */
  readonly taken: ValueInfo['type'];
  /**
   * Why it is a copy in float32, if it is one: ONNX Runtime has no `kernels` for the file's float64, or its weights of
   * other floats are `trained`.
   */
  readonly converted: 'kernels' | 'trained' | undefined;
  /** Where the file takes places in a table, such as tokens: the value that they choose, by its name. */
  readonly chosen: string | undefined;
  /** The value [batch, labels], bool: which labels of each sample hold; undefined where it has one class. */
  readonly holds: string | undefined;
  /** The one batch size that the model runs at; undefined where it runs at any. */
  readonly batch: number | undefined;
  /** The names of the values that the file computes itself, of what was not put in front of it. */
  readonly own: ReadonlySet<string>;
  /** What running the model told about its values, by their names in its normal form. */
  readonly types: ValueTypes;
}

/**
 * Puts the preprocessing in front of a model and finds its logits.
 * @param file the bytes of an ONNX file, or what was read from them
 * @throws RampartError `bad-model` when it is no classifier of images of this shape
 */
export async function prepareModel(file: Uint8Array | Model, options: PrepareOptions = {}): Promise<PreparedModel> {
  const brought = options.company?.companions.map(({ name }) => name);
  const own = withHeldInputs(classifierForm(file), options.held, brought);
  const model = options.trained ? inFloat32(own) : own;
  try {
    return { ...(await prepare(model, options)), converted: model === own ? undefined : 'trained' };
  } catch (error) {
    if (!lacksFloat64(model, error)) throw error;
    return { ...(await prepare(inFloat32(model, ['float64']), options)), converted: 'kernels' };
  }
}

async function prepare(model: Model, options: PrepareOptions): Promise<Omit<PreparedModel, 'converted'>> {
  const card = readCard(model.metadata);
  const input = model.graph.inputs[0]!;
  const choice = takesIntegers(input) ? chosenBy(model, input.name) : undefined;
  const preprocess = { ...placesIn(choice), ...options.preprocess };
  const given = options.shape ?? card.shape;
  const layout = layoutOf(input, preprocess, given);
  const attacked = imageShapeOf(input, layout, given);
  const box = options.box ?? card.box ?? PUBLICATION_BOX;
  const { units, feed, company } = options;
  const front = preprocessGraph(input, { preprocess, shape: attacked, box, layout, units, ...(feed && { feed }) });
  const graph = front ? compose(front, model.graph, { from: front.outputs[0]!.name, to: input.name }) : model.graph;
  const imageInput = graph.inputs.find(({ name }) => name === (front ? 'image' : input.name))!;
  const sized = withInputShape({ ...model, graph: withoutFrontOutputs(graph, front) }, imageInput, attacked);
  const noted = takesIntegers(input) ? withGradientNote(sized, 'straight-through') : sized;
  const alone = { model: noted, input: imageInput, holds: undefined };
  const ready = company ? withCompany(noted, inputOf(noted, imageInput.name), company, box) : alone;
  const shape = company ? accompaniedShape(company) : attacked;
  const feeds = { [ready.input.name]: exampleImages(ready.input, shape, box) };
  const types = await probe(ready.model, { feeds });
  const found = await findLogits(types, feeds, options);
  const headed = withRejection(ready.holds === undefined ? found : ofLabelSets(found, ready.holds, company!.labels));
  const batch = fixedBatch(input, types);
  return {
    ...headed,
    input: ready.input.name,
    shape,
    box,
    layout,
    taken: input.type,
    chosen: choice?.value,
    holds: ready.holds,
    batch,
    own: new Set(model.graph.nodes.flatMap(({ outputs }) => outputs)),
    types,
  };
}

/** Of an input that chooses from a table: its places are what the box stands for, unless something else is said. */
function placesIn(choice: Choice | undefined): Pick<Preprocess, 'range'> {
  return choice?.among === undefined || choice.among < 2 ? {} : { range: pixelBox(0, choice.among - 1) };
}

/** A model in its normal form, without what scikit-learn's exporter writes that has no gradient. */
export function classifierForm(file: Uint8Array | Model): Model {
  return lowerLearningOperators(withoutZipMap(normalise(file instanceof Uint8Array ? readModel(file) : file)));
}

function withoutFrontOutputs(graph: Graph, front: Graph | undefined): Graph {
  return front ? { ...graph, outputs: graph.outputs.slice(front.outputs.length) } : graph;
}

function withInputShape(model: Model, input: ValueInfo, { channels, height, width }: ImageShape): Model {
  const dims = [input.dims?.[0] ?? 'batch', channels, height, width];
  const inputs = model.graph.inputs.map((info) => (info.name === input.name ? { ...info, dims } : info));
  return { ...model, graph: { ...model.graph, inputs } };
}

function inputOf({ graph }: Model, name: string): ValueInfo {
  return graph.inputs.find((input) => input.name === name)!;
}

/** Images spread over the box, so that no operator meets values that it never meets in use. */
function exampleImages(input: ValueInfo, shape: ImageShape, box: PixelBox) {
  const count = typeof input.dims?.[0] === 'number' ? input.dims[0] : 2;
  const golden = 0.6180339887498949;
  const data = Float32Array.from(
    { length: count * featureCount(shape) },
    (_, i) => box.min + (box.max - box.min) * (((i + 1) * golden) % 1),
  );
  return float32Tensor([count, shape.channels, shape.height, shape.width], data);
}

function fixedBatch(input: ValueInfo, types: ValueTypes): number | undefined {
  const size = input.dims?.[0];
  return typeof size === 'number' ? size : types.batch;
}
