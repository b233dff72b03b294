import { withoutPaths } from './without-paths';

describe('messages without places', () => {
  it.each([
    ['There is no store in "/home/me/results" (no rampart.db).', 'There is no store in "results" (no rampart.db).'],
    [`ENOENT: no such file, open '/srv/a b/c.onnx'`, `ENOENT: no such file, open 'c.onnx'`],
    ['C:\\Users\\me\\model.onnx: Expected a model', 'model.onnx: Expected a model'],
    ['The file artifacts/ab/cd.onnx of the store is damaged', 'The file artifacts/ab/cd.onnx of the store is damaged'],
    ['linf(8/255), see https://example.org/a/b', 'linf(8/255), see https://example.org/a/b'],
  ])('%s', (message, expected) => {
    expect(withoutPaths(message)).toBe(expected);
  });
});
