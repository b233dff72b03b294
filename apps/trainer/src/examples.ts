import type { Command } from 'commander';

/** Command lines that show what a command is for. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  run: [
    'run quickstart',
    'run experiment.yaml --seeds 1..3 --workers 2',
    'run experiment.yaml --threats "linf(8/255)" --dry-run',
  ],
  report: ['report', 'report 4f2a91 --format html --out report.html', 'report latest --format csv | cut -d, -f3-8'],
  runs: ['runs list --state failed', 'runs show latest', 'runs resume 4f2a91'],
  'runs list': [
    'runs list --dataset mnist --tag nightly',
    "runs list --search 'tag:nightly epsilon=0.1'",
    'runs list --json',
  ],
  'runs show': ['runs show latest', 'runs show 4f2a91 --json'],
  'runs rename': ['runs rename latest "with more epochs"'],
  'runs tag': ['runs tag latest nightly candidate', 'runs tag latest --remove candidate'],
  'runs note': ['runs note latest "Baseline of the week."', 'runs note latest --history'],
  'runs archive': ['runs archive 4f2a91 9b01c2'],
  'runs restore': ['runs restore 4f2a91'],
  'runs delete': ['runs delete 4f2a91', 'runs delete 4f2a91 9b01c2 --yes'],
  'runs resume': ['runs resume latest', 'runs resume latest --retry "pgd(epsilon=0.1)"'],
  'runs cancel': ['runs cancel latest'],
  init: ['init', 'init mine.yaml'],
  list: ['list', 'list attacks', 'list attacks fgs --json', 'list attacks --plugin ./my-attack.ts'],
  inspect: ['inspect model.onnx', 'inspect model.onnx --shape 3x224x224 --json'],
  gradient: ['gradient model.onnx --input x.npy --labels y.npy --out gradient.npy'],
  evaluate: [
    'evaluate model.onnx --dataset mnist --threats "linf(0.1),l2(1)"',
    'evaluate model.onnx --dataset "image-folder(path=images)" --preprocess "range=0..1" --attacks "fgs(epsilon=8/255),pgd"',
  ],
  gate: ['gate model.onnx --dataset mnist --threats "linf(0.1)" --at-least 0.45'],
  harden: ['harden model.onnx --dataset mnist --defense "rad(attack=adam)" --out hardened.onnx'],
  certify: ['certify', 'certify 4f2a91 --samples 10000', 'certify latest --limit 100 --json'],
  verify: ['verify', 'verify --repair', 'verify latest --examples'],
  export: ['export latest --what examples --output examples', 'export latest --what sarif --output run.sarif'],
  backup: ['backup copy'],
  copy: ['copy --from results --to postgres://rampart@db/rampart'],
  worker: ['worker --store postgres://rampart@db/rampart'],
  check: ['check ./my-attack.ts', 'check ./my-attack.ts --component "random-sign(epsilon=0.3)"'],
  dashboard: ['dashboard', 'dashboard --store results --port 8080'],
  start: ['start', 'start --no-dashboard'],
  token: ['token add ci --role read', 'token list'],
  doctor: ['doctor', 'doctor --json'],
  completion: ['completion bash > ~/.local/share/bash-completion/completions/rampart'],
};

/** What a command prints with `--json`, one object a line. */
const LINES =
  'With --json each line is an object with a "type": warning, run-opened, run-started, step-started, step-progress, step-finished, step-damaged, run-finished, then run, which has the figures; error, where something is wrong.';

const PRINTING_LINES: readonly string[] = ['run', 'evaluate', 'harden', 'gate', 'runs resume'];

/** Gives every command that has some its examples, and each the advice to look at its own help. */
export function withHelp(program: Command): void {
  visit(program, '');
}

function visit(command: Command, path: string): void {
  const line = ['rampart', path].filter(Boolean).join(' ');
  command.showHelpAfterError(`("${line} --help" tells more)`);
  const examples = EXAMPLES[path] ?? [];
  if (examples.length > 0) {
    command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  rampart ${example}`).join('\n')}`);
  }
  if (PRINTING_LINES.includes(path)) command.addHelpText('after', `\n${LINES}`);
  for (const one of command.commands) visit(one, [path, one.name()].filter(Boolean).join(' '));
}
