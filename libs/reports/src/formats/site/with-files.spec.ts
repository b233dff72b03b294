import { withFiles } from './with-files';

const png = (text: string) => `data:image/png;base64,${Buffer.from(text).toString('base64')}`;

it('takes pictures and sounds out of pages, each once, with addresses that lead there from any page', () => {
  const [index, deep, ...files] = withFiles([
    { path: 'index.html', content: `<img src="${png('one')}"><img src="${png('one')}">` },
    { path: 'examples/4.html', content: `<img src="${png('one')}"><audio src="data:audio/wav;base64,AAAA">` },
  ]);
  const [name] = /files\/\w+\.png/.exec(index!.content as string)!;
  expect(index!.content).toBe(`<img src="${name}"><img src="${name}">`);
  expect(deep!.content).toMatch(new RegExp(`^<img src="../${name}"><audio src="../files/\\w+\\.wav">$`));
  expect(files.map(({ path }) => path.split('.')[1])).toEqual(['png', 'wav']);
  expect(files[0]).toEqual({ path: name, content: Buffer.from('one') });
});
