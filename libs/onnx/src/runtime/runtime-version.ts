import { env } from 'onnxruntime-node';

/** The version of ONNX Runtime that runs the models, such as "1.30.0". */
export function runtimeVersion(): string {
  return env.versions.node ?? env.versions.common;
}
