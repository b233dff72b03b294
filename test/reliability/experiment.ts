/** An experiment with every kind of step that takes a second or two: real MNIST, but very little of it. */
export const TINY_EXPERIMENT = `
name: tiny
published: mnist
dataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)
models: [lenet5]
training: { epochs: 1 }
attacks: [fgs(epsilon=0.3), adam]
`;
