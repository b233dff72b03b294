// Rampart beside the other libraries, in turns and as ratios: 40 steps of PGD beside torchattacks, Foolbox and ART,
// AutoAttack beside its authors' code, all of them on PyTorch. Their side is a Python with the packages of
// libraries/requirements.txt: RAMPART_BENCH_PYTHON, else python3. Without it, Rampart's figures stand alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import Table from 'cli-table3';

import { median } from './compare.mjs';
import { measured } from './libraries/measured.mjs';
import { pythonCommand, startPython } from './libraries/python-side.mjs';
import { RampartSide } from './libraries/rampart-side.mjs';
import { isNetwork, prepare } from './libraries/subjects.mjs';

const STEPS = 40;
const THREADS = [2, 1];

/** `rounds` by number of threads; `goal`: times each library's rate that Rampart's is to be, on two. */
const PGD = [
  { model: 'mnist-lenet', epsilon: 0.1, count: 256, rounds: { 2: 5, 1: 3 }, goal: 6 },
  { model: 'resnet18', epsilon: 8 / 255, count: 16, rounds: { 2: 3, 1: 1 }, goal: 1.5 },
  { model: 'vit', epsilon: 8 / 255, count: 16, rounds: { 2: 3, 1: 1 }, goal: 1.5 },
];

/**
 * `goal`: times as fast as the authors' code on two threads. On the network with random weights the epsilon is so small
 * that every instance withstands every component.
 */
const AUTOATTACK = [
  { model: 'mnist-lenet', epsilon: 0.1, count: 100, goal: 4 },
  { model: 'mnist-at', epsilon: 0.3, count: 100, goal: 4 },
  { model: 'cifar2-at', epsilon: 8 / 255, count: 100, goal: 4 },
  { model: 'resnet18', epsilon: 1e-5, count: 8, steps: 5, queries: 50, goal: 2 },
];

/** By the names that PyPI gives them. */
const LIBRARIES = { torchattacks: 'torchattacks', foolbox: 'foolbox', art: 'adversarial-robustness-toolbox' };
const AUTHORS = 'pyautoattack';
const NEEDED = ['numpy', 'onnx', 'torch'];
const EXPORTER = 'onnxscript';

/** The part of the processors that others may have for a ratio to count. */
const BUSY = 0.1;

export default async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  const rampart = new RampartSide(Math.max(...THREADS));
  const python = await startPython('server.py');
  // The versions of the packages that it has, and those that it lacks.
  if (python) Object.assign(python, await python.ask('hello'));
  try {
    console.log(introduction(python));
    const has = (name) => python !== undefined && ![...NEEDED, name].some((one) => python.missing.includes(one));
    const sides = { rampart, python: has('torch') ? python : undefined, folder, has };
    const models = new Map();
    for (const { model, count } of [...PGD, ...AUTOATTACK]) {
      models.set(model, Math.max(count, models.get(model) ?? 0));
    }
    for (const [model, count] of models) {
      if (isNetwork(model) && !has(EXPORTER)) models.delete(model);
      else await prepare(model, count, sides);
    }
    for (const job of PGD) if (models.has(job.model)) await comparePgd(job, sides);
    for (const job of AUTOATTACK) if (models.has(job.model)) await compareAutoAttack(job, sides);
    console.log(`Load of the machine at the end: ${loadavg()[0].toFixed(1)}.`);
  } finally {
    python?.close();
    await rampart.close();
    rmSync(folder, { recursive: true });
  }
}

function introduction(python) {
  const how = 'name a Python that has test/bench/libraries/requirements.txt in RAMPART_BENCH_PYTHON.';
  const lines = [
    `Load of the machine at the start: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} processors.`,
  ];
  if (!python)
    return [`There is no ${pythonCommand}, so these are Rampart's own figures only: ${how}`, ...lines].join('\n');
  const { command, version, versions, missing } = python;
  lines.unshift([`Python ${version}`, ...Object.entries(versions).map((one) => one.join(' '))].join(', '));
  if (missing.length > 0) lines.push(`${command} lacks ${missing.join(', ')}, and what needs them is left out: ${how}`);
  return lines.join('\n');
}

/** Runs the sides in turns, A B C A B C ..., and returns what each run of each cost. */
async function takeTurns(sides, rounds, run) {
  const runs = sides.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of sides.entries()) runs[index].push(await measured(() => run(side)));
  }
  return runs;
}

async function comparePgd({ model, epsilon, count, rounds, goal }, { rampart, python, has }) {
  const step = (2.5 * epsilon) / STEPS;
  const own = (name, rest) => ({
    name,
    run: (threads, steps) =>
      rampart.attack(model, { text: `pgd(epsilon=${epsilon}, steps=${steps}, step=${step}${rest})`, threads, count }),
  });
  const libraries = Object.keys(LIBRARIES).filter((name) => has(LIBRARIES[name]));
  const sides = [
    own('Rampart', ', earlyStop=false'),
    // With random weights it would end at once.
    ...(isNetwork(model) ? [] : [own('Rampart, each instance until its first example', '')]),
    ...libraries.map((library) => ({
      name: library,
      goal,
      run: (threads, steps) =>
        python.ask('attack', { name: model, library, threads, count, settings: { epsilon, step, steps } }),
    })),
  ];
  const table = new Table({
    head: ['', 'threads', 'instances/s', "Rampart's times that", 'min to max', 'by processor time', 'robust', 'goal'],
    style: { head: [], border: [] },
  });
  const shares = [];
  for (const threads of THREADS) {
    // Sessions are opened, caches filled.
    for (const { run } of sides) await run(threads, 2);
    const runs = await takeTurns(sides, rounds[threads], ({ run }) => run(threads, STEPS));
    shares.push(othersOf(runs));
    for (const [index, side] of sides.entries()) {
      const ratios = (key) => runs[index].map((run, round) => run[key] / runs[0][round][key]);
      table.push([
        side.name,
        threads,
        (count / median(runs[index].map(({ seconds }) => seconds))).toFixed(1),
        ...range(ratios('seconds')),
        median(ratios('processor')).toFixed(2),
        (runs[index][0].robust / count).toFixed(3),
        side.goal && threads === THREADS[0] ? verdict(goal, median(ratios('seconds')), othersOf(runs)) : '',
      ]);
    }
  }
  console.log(`\n${STEPS} steps of PGD on ${model}, ${count} instances at once, l-infinity ${round(epsilon)}:`);
  console.log(`${table}\n${meanwhile(shares)}`);
}

/** Rampart, the authors' code, and Rampart again: what drifts in between has the same effect on both. */
async function compareAutoAttack(job, { rampart, python, has }) {
  const { model, epsilon, count, steps = 100, queries = 5000, goal } = job;
  const [threads] = THREADS;
  // As it is, and with as many evaluations as the authors' code has.
  const own = ['', ', giveUp=false'].map((rest) => ({
    name: `Rampart${rest}`,
    goal,
    run(settings) {
      const options = Object.entries(settings).map((pair) => pair.join('='));
      return rampart.attack(model, { text: `autoattack(${options.join(', ')}${rest})`, threads, count });
    },
  }));
  const authors = {
    name: 'authors',
    run: (settings) => python.ask('attack', { name: model, library: 'autoattack', threads, count, settings }),
  };
  const order = has(AUTHORS) ? [...own, authors, ...own.toReversed()] : own;
  // A short one first, which breaks nothing: all sessions are opened.
  for (const { run } of new Set(order)) await run({ epsilon: 1e-6, steps: 2, queries: 2 });
  const runs = new Map(order.map((side) => [side, []]));
  for (const side of order) runs.get(side).push(await measured(() => side.run({ epsilon, steps, queries })));

  const mean = (side, key) => runs.get(side).reduce((sum, run) => sum + run[key], 0) / runs.get(side).length;
  const others = othersOf([...runs.values()]);
  const table = new Table({
    head: ['', 'seconds', 'processor', 'robust', 'forward', 'gradients', 'times as fast', 'by processor time', 'goal'],
    style: { head: [], border: [] },
  });
  for (const side of runs.keys()) {
    const ratio = (key) => mean(authors, key) / mean(side, key);
    table.push([
      side.name,
      mean(side, 'seconds').toFixed(2),
      mean(side, 'processor').toFixed(2),
      (mean(side, 'robust') / count).toFixed(3),
      Math.round(mean(side, 'forward') / count),
      Math.round(mean(side, 'gradients') / count),
      ...(has(AUTHORS) ? [ratio('seconds').toFixed(2), ratio('processor').toFixed(2)] : ['', '']),
      side.goal && has(AUTHORS) ? verdict(goal, ratio('seconds'), others) : '',
    ]);
  }
  const what = `${count} instances, l-infinity ${round(epsilon)}, ${steps} steps, ${queries} queries, ${threads} threads`;
  console.log(`\nAutoAttack on ${model}, ${what}; evaluations an instance:\n${table}\n${meanwhile([others])}`);
}

const round = (epsilon) => Number(epsilon.toPrecision(3));

const range = (values) => [
  median(values).toFixed(2),
  `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`,
];

/** The largest part of the processors that other programs had during any side's runs. */
const othersOf = (runs) => Math.max(...runs.map((side) => median(side.map(({ others }) => others))));

const meanwhile = (shares) =>
  `Other programs had up to ${Math.round(100 * Math.max(...shares))}% of the processors meanwhile.`;

/** On a busy machine threads that wait for each other are slow beyond measure: PyTorch's do, Rampart's do not. */
const verdict = (goal, ratio, others) =>
  others > BUSY ? 'machine busy' : `${goal} ${ratio >= goal ? 'kept' : 'missed'}`;
