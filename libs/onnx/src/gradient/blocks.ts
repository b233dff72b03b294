/** Channels in a block of ONNX Runtime's blocked layout; 8 without AVX-512. */
export const BLOCK = 16;
