import {
  backend_util,
  type Conv2DBackpropFilterAttrs,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  registerKernel,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

const BACKEND = 'wasm';

/** Registers what training needs and tfjs's WebAssembly backend lacks. A second call does nothing. */
export function registerMissingKernels(): void {
  if (getKernel('Conv2DBackpropFilter', BACKEND)) return;
  registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs, backend }) =>
      filterGradient(
        inputs['x']!,
        inputs['dy']!,
        attrs as unknown as Conv2DBackpropFilterAttrs,
        backend as KernelBackend,
      ),
  });
}

/**
 * The gradient of a convolution for its filter, as a convolution: the images with channels and batch exchanged,
 * [channels, height, width, batch], against the output's gradient as the filter, [rows, columns, batch, filters]. The
 * strides become dilations, since neighbouring outputs see pixels that lie a stride apart.
 */
function filterGradient(
  x: TensorInfo,
  dy: TensorInfo,
  attrs: Conv2DBackpropFilterAttrs,
  backend: KernelBackend,
): TensorInfo {
  const { strides, pad, filterShape, dimRoundingMode } = attrs;
  const [height, width] = filterShape;
  const { padInfo, strideHeight, strideWidth } = backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const run = (name: string, inputs: Record<string, TensorInfo>, attributes: object) =>
    getKernel(name, BACKEND).kernelFunc({ inputs, attrs: attributes as NamedAttrMap, backend }) as TensorInfo;

  const images = run('Transpose', { x }, { perm: [3, 1, 2, 0] });
  const filter = run('Transpose', { x: dy }, { perm: [1, 2, 0, 3] });
  const correlated = run(
    'Conv2D',
    { x: images, filter },
    {
      strides: 1,
      dilations: [strideHeight, strideWidth],
      pad: [
        [0, 0],
        [padInfo.top, padInfo.bottom],
        [padInfo.left, padInfo.right],
        [0, 0],
      ],
      dataFormat: 'NHWC',
    },
  );
  const [channels, , , filters] = correlated.shape as [number, number, number, number];
  // Where the strides leave a remainder there are more positions than the filter has.
  const cut = run('Slice', { x: correlated }, { begin: [0, 0, 0, 0], size: [channels, height, width, filters] });
  const gradient = run('Transpose', { x: cut }, { perm: [1, 2, 0, 3] });
  for (const intermediate of [images, filter, correlated, cut]) backend.disposeData(intermediate.dataId);
  return gradient;
}
