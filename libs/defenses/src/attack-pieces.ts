import {
  type Attack,
  type AttackDefinition,
  type ComponentSpec,
  type DeviceLog,
  evade,
  featureCount,
  type FeasibleSet,
  imageBatch,
  type ImageShape,
  inSharedMemory,
  type LabelledImages,
  type PieceJob,
  type Pieces,
  type PixelBox,
  type Registry,
  Rng,
  sharedBytes,
  sharedFloats,
  takeImages,
} from '@rampart/core';
import { openForAttack, openVerifier } from '@rampart/models';

/** What the helpers of a crew are told that they help with; see `openAttackPieces`. */
export const ATTACK = 'attack';

/** Instances of a piece at least, and pieces at most. The number of threads does not count, nor do they see it. */
const INSTANCES = 512;
const PIECES = 16;

/** Everything that a thread needs to attack some of the instances: plain data, and arrays in shared memory. */
export interface SharedAttack {
  /** An ONNX file. */
  readonly model: Uint8Array;
  readonly attack: ComponentSpec;
  readonly shape: ImageShape;
  readonly box: PixelBox;
  readonly images: Float32Array;
  /** Which of the images are attacked. */
  readonly places: Int32Array;
  /** Of those. */
  readonly labels: Int32Array;
  readonly feasible: FeasibleSet | undefined;
  /** Where the generator stands in its tree. */
  readonly rng: string;
  /** Instances of a piece. */
  readonly size: number;
  /** What is made: an example for each instance, and 1 where it evades. */
  readonly adversarial: Float32Array;
  readonly evaded: Uint8Array;
}

/**
 * An attack in pieces of some instances each: an instance's example does not depend on the others.
 * @param places which of the instances are attacked
 */
export function sharedAttack(
  model: Uint8Array,
  attack: Attack,
  { images, labels }: LabelledImages,
  places: Int32Array,
  { rng, feasible }: { readonly rng: Rng; readonly feasible?: FeasibleSet | undefined },
): SharedAttack {
  const count = places.length;
  // A search over the whole set is one piece.
  const whole = attack.definition.scope === 'set';
  return {
    ...{ model: sharedBytes(model), attack: attack.spec, shape: images.shape, box: images.box, places },
    images: inSharedMemory(images.data),
    labels: Int32Array.from(places, (place) => labels[place]!),
    feasible,
    rng: rng.path,
    size: whole ? Math.max(1, count) : Math.max(INSTANCES, Math.ceil(count / PIECES)),
    adversarial: sharedFloats(count * featureCount(images.shape)),
    evaded: new Uint8Array(new SharedArrayBuffer(count)),
  };
}

export function pieceCount({ labels, size }: SharedAttack): number {
  return Math.ceil(labels.length / size);
}

export function attackJob(data: SharedAttack): PieceJob {
  return { kind: ATTACK, data, helpers: pieceCount(data) - 1 };
}

/** One thread's part in an attack. */
export async function openAttackPieces(
  data: SharedAttack,
  attacks: Registry<AttackDefinition>,
  { signal, device }: { readonly signal?: AbortSignal | undefined; readonly device?: DeviceLog | undefined } = {},
): Promise<Pieces> {
  const { box, shape } = data;
  const model = Uint8Array.from(data.model);
  const attack = attacks.resolve(data.attack);
  const classifier = await openForAttack(model, { box, device });
  const verifier = await openVerifier(model, { box });
  return {
    async piece(index) {
      const [first, end] = [index * data.size, Math.min(data.labels.length, (index + 1) * data.size)];
      const evasion = await evade({
        ...{ attack, classifier, verifier, firstInstance: first, rng: Rng.at(data.rng), signal },
        // ONNX Runtime takes no shared memory: a copy.
        images: takeImages(imageBatch(data.images, shape, box), data.places.subarray(first, end)),
        labels: data.labels.slice(first, end),
        ...(data.feasible && { feasible: data.feasible }),
      });
      data.adversarial.set(evasion.adversarial.data, first * featureCount(shape));
      data.evaded.set(evasion.evaded, first);
    },
    async close() {
      await classifier.dispose();
      await verifier.dispose();
    },
  };
}
