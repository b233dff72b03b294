import { searchConstant } from './constant-search';

describe('searchConstant', () => {
  const tried = async (least: number, searches: number) => {
    const constants: number[] = [];
    await searchConstant(1, searches, async (constant) => {
      constants.push(constant);
      return constant >= least;
    });
    return constants;
  };

  it('grows until a constant gives an example, then halves what is left', async () => {
    expect(await tried(30, 6)).toEqual([1, 10, 100, 55, 32.5, 21.25]);
  });

  it('goes down from a constant that is more than enough', async () => {
    expect(await tried(0.3, 4)).toEqual([1, 0.5, 0.25, 0.375]);
  });
});
