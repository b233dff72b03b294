import { type Device, messageOf, RampartError } from '@rampart/core';
import type { InferenceSession } from 'onnxruntime-node';

import type { Node } from '../graph/ir';

/**
 * ONNX Runtime's providers for a device, the preferred first; what it has no operator for runs on the CPU.
 * @param onCpu names of nodes that are kept off the device; `webgpu` alone can do that
 */
export function providersOf(
  device: Device,
  onCpu: readonly string[] = [],
): readonly InferenceSession.ExecutionProviderConfig[] {
  if (device === 'cpu') return ['cpu'];
  if (device === 'cuda') return ['cuda', 'cpu'];
  // In the other layout, NHWC, its convolutions of 6, 9 or 18 channels to 4n are wrong (seen in 1.30).
  return [{ name: 'webgpu', preferredLayout: 'NCHW', ...(onCpu.length > 0 && { forceCpuNodeNames: onCpu }) }, 'cpu'];
}

/** Buffers that a kernel on a GPU has at most, on those seen. */
const MOST_BUFFERS = 16;

/**
 * Whether a node is kept off a device whatever a comparison says: the device fails at it, or computes it rightly for the
 * values of one batch and wrongly for another's, so that no comparison finds it.
 */
export function isUnsafe({ op, domain, inputs, outputs }: Node, device: Device): boolean {
  if (device !== 'webgpu' || domain !== '') return false;
  // exp of its inputs as they are: infinite beyond 88 (seen in 1.30).
  if (op === 'ReduceLogSumExp') return true;
  // A buffer for each part, and one for the whole.
  const parts = { Split: outputs, Concat: inputs }[op];
  return parts !== undefined && parts.length >= MOST_BUFFERS;
}

/** What is missing where a device cannot be opened; undefined where the reason is another. */
export function missingDevice(device: Device, error: unknown): RampartError | undefined {
  const reason = messageOf(error);
  const needs = NEEDS[device];
  if (!needs?.sign.test(reason)) return undefined;
  return new RampartError({ code: 'unavailable', message: needs.message, cause: error });
}

const NEEDS: Readonly<Record<Device, { readonly sign: RegExp; readonly message: string } | undefined>> = {
  cpu: undefined,
  webgpu: {
    sign: /get a WebGPU (adapter|device)|unsupported.*webgpu/i,
    message:
      'Expected a GPU that WebGPU can use, for --device webgpu. Received: no adapter. It needs a driver for Vulkan (Linux: libvulkan.so.1 and an ICD file, see "vulkaninfo"), Direct3D 12 (Windows) or Metal (macOS). Install one, or leave --device out: the CPU computes the same figures.',
  },
  cuda: {
    sign: /cuda.*(failed to load|not enabled)|unsupported.*cuda/i,
    message:
      'Expected an ONNX Runtime that has the CUDA provider, for --device cuda. Received: one that cannot load it. It needs libonnxruntime_providers_cuda.so beside onnxruntime-node, CUDA and cuDNN. Install them, or leave --device out: the CPU computes the same figures.',
  },
};
