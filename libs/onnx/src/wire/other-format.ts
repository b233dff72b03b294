/** What files that are taken for ONNX models are, by how they begin, and what makes a model of them. */
const FORMATS: readonly (readonly [begins: (text: string) => boolean, what: string])[] = [
  [startsWith('\x1f\x8b'), 'a gzip archive: unpack it first'],
  [
    startsWith('PK\x03\x04'),
    'a ZIP archive, as PyTorch saves weights: unpack it, or export the model with torch.onnx.export',
  ],
  [startsWith('\x80'), 'a pickle, as PyTorch and scikit-learn save objects: export the model to ONNX'],
  [
    startsWith('\x89HDF'),
    "an HDF5 file, as Keras saves: export the model with model.export(..., format='onnx') or tf2onnx",
  ],
  [startsWith('TFL3', 4), 'a TensorFlow Lite model: convert it with tf2onnx'],
  [startsWith('{"', 8), 'weights without a network (safetensors): export the model to ONNX'],
  [startsWith('\x93NUMPY'), 'a NumPy array'],
  [
    startsWith('version https://git-lfs'),
    'a pointer to the file, as Git LFS leaves it: fetch the file with "git lfs pull"',
  ],
  [(text) => /^\s*<(!doctype|html|\?xml)/i.test(text), 'a web page, as a download that failed leaves it'],
];

/** What bytes are instead of an ONNX model; undefined where nothing says so. */
export function otherFormat(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  return FORMATS.find(([begins]) => begins(text))?.[1];
}

function startsWith(mark: string, at = 0): (text: string) => boolean {
  return (text) => text.startsWith(mark, at);
}
