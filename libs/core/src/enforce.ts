import { featureCount, type ImageBatch } from './image-batch';
import { clip } from './pixel-box';
import { l2Distance, type ThreatModel } from './threat-model';

/** A candidate may leave box or budget by this much through rounding before it counts as corrected. */
const ROUNDING = 1e-5;

/** Brings candidates into box and budget, in place. Returns how many were outside by more than rounding. */
export function enforce(candidates: Float32Array, batch: ImageBatch, threat: ThreatModel): number {
  const features = featureCount(batch.shape);
  let corrected = 0;
  for (let i = 0; i < batch.count; i++) {
    const offset = i * features;
    let excess = 0;
    const scale = threat.norm === 'l2' ? l2Scale(candidates, batch.data, offset, features, threat.epsilon) : 1;
    if (scale < 1) excess = (1 / scale - 1) * (threat as { epsilon: number }).epsilon;
    for (let k = offset; k < offset + features; k++) {
      const original = batch.data[k]!;
      let value = candidates[k]!;
      if (threat.norm === 'linf') {
        value = clip(value, { min: original - threat.epsilon, max: original + threat.epsilon });
      } else if (scale < 1) {
        value = original + (value - original) * scale;
      }
      value = clip(value, batch.box);
      if (threat.norm !== 'l2') excess = Math.max(excess, Math.abs(value - candidates[k]!));
      else excess = Math.max(excess, Math.abs(clip(candidates[k]!, batch.box) - candidates[k]!));
      candidates[k] = value;
    }
    if (excess > ROUNDING) corrected++;
  }
  return corrected;
}

function l2Scale(a: Float32Array, b: Float32Array, offset: number, size: number, epsilon: number): number {
  const distance = l2Distance(a, b, offset, size);
  return distance > epsilon ? epsilon / distance : 1;
}
