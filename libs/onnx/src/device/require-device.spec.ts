import { requireDevice } from './require-device';

describe('requireDevice', () => {
  it('has the CPU always', async () => {
    await expect(requireDevice('cpu')).resolves.toBeUndefined();
  });

  it('says what CUDA needs where ONNX Runtime comes without it, as the one from npm does', async () => {
    await expect(requireDevice('cuda')).rejects.toMatchObject({
      name: 'RampartError',
      code: 'unavailable',
      message: expect.stringMatching(
        /--device cuda\. Received: one that cannot load it\. It needs libonnxruntime_providers_cuda/,
      ) as string,
    });
  });
});
