import { datasetChecksum } from './dataset';
import { imageBatch, type LabelledImages } from './image-batch';
import { PUBLICATION_BOX } from './pixel-box';

const part = (values: readonly number[], labels: readonly number[], width = 1): LabelledImages => ({
  images: imageBatch(Float32Array.from(values), { channels: 1, height: 1, width }, PUBLICATION_BOX),
  labels: Int32Array.from(labels),
});

describe('datasetChecksum', () => {
  it('depends on every pixel, every label, the shape, and which split an image is in', () => {
    const checksums = [
      datasetChecksum(part([0, 0.25], [0, 1]), part([0.5], [0])),
      datasetChecksum(part([0, 0.2], [0, 1]), part([0.5], [0])),
      datasetChecksum(part([0, 0.25], [1, 1]), part([0.5], [0])),
      datasetChecksum(part([0], [0]), part([0.25, 0.5], [1, 0])),
      datasetChecksum(part([0, 0.25], [0], 2), part([0.5], [0])),
    ];
    expect(new Set(checksums).size).toBe(checksums.length);
  });

  it('does not depend on where in memory the images are', () => {
    const { images, labels } = part([9, 0, 0.25], [5, 0, 1]);
    const view = {
      images: { ...images, data: images.data.subarray(1), count: 2 },
      labels: labels.subarray(1),
    };
    const test = part([0.5], [0]);
    expect(datasetChecksum(view, test)).toBe(datasetChecksum(part([0, 0.25], [0, 1]), test));
  });
});
