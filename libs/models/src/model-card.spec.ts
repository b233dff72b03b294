import { pixelBox } from '@rampart/core';

import { type ModelCard, readCard, writeCard } from './model-card';

const card: ModelCard = {
  architecture: { name: 'lenet5', params: { conv1: 16, conv2: 'auto' } },
  shape: { channels: 3, height: 32, width: 30 },
  classes: 10,
  box: pixelBox(-1e-7, 255),
};

it('is read back as it was written', () => {
  expect(readCard(writeCard(card))).toEqual(card);
});

it('is empty for a file of another maker', () => {
  expect(readCard(new Map([['author', 'somebody']]))).toEqual({});
});

it.each([
  ['rampart.shape', '28x0'],
  ['rampart.classes', 'two'],
  ['rampart.box', '0.5'],
  ['rampart.box', '1..0'],
])('names the entry %s when it cannot be read: %s', (key, value) => {
  expect(() => readCard(new Map([[key, value]]))).toThrow(`"${key}"`);
});
