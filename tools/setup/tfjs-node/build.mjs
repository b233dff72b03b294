import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The wheel whose C library and headers the binding is built with. */
const TENSORFLOW = '2.21.0';
const WHEEL = {
  requirement: `tensorflow-cpu==${TENSORFLOW} --hash=sha256:2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c`,
  // Which of its wheels: the C library in it has nothing to do with this machine's Python.
  choice: [
    ...['--platform', 'manylinux_2_27_x86_64', '--implementation', 'cp'],
    ...['--python-version', '311', '--abi', 'cp311'],
  ],
};
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/', 'tensorflow/tsl/platform/', 'tsl/', 'xla/tsl/', 'absl/'];
/** The version of Node-API that the binding is made for; every Node from 18 on has it. */
const NODE_API = 8;
/** Raised when the same versions are built in another way. */
const RECIPE = 1;

const sources = dirname(fileURLToPath(import.meta.url));
const compiler = process.env.CXX ?? 'g++';
const python = process.env.PYTHON ?? 'python3';

/** What this machine lacks for a build, a sentence each; nothing where it can. */
export function missingPieces() {
  const pieces = [];
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    pieces.push(`The build is for Linux on x64. This is ${process.platform} on ${process.arch}.`);
  }
  if (!answers(python, ['-m', 'pip', '--version'])) {
    pieces.push(
      `There is no pip: "${python} -m pip" fails. Install Python with pip (Debian: apt-get install python3-pip), or name a Python that has it in PYTHON.`,
    );
  }
  if (!answers(compiler, ['--version'])) {
    pieces.push(
      `There is no C++ compiler: "${compiler}" fails. Install one (Debian: apt-get install g++), or name yours in CXX.`,
    );
  }
  return pieces;
}

function answers(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/**
 * Where the build for a version of tfjs-node is kept, with `deps` and `lib` as the package has them.
 * @param version the version of tfjs-node
 */
export function cacheFolder(version) {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const name = `tfjs-node-${version}-tensorflow-${TENSORFLOW}-${process.platform}-${process.arch}-${RECIPE}`;
  return join(cache, 'rampart', name);
}

/**
 * Builds tfjs-node's native library from packages of PyPI and npm into `cacheFolder`, whole or not at all.
 * @param folder tfjs-node's package
 * @param version its version
 * @throws Error that says which step failed
 */
export function buildNative(folder, version) {
  const target = cacheFolder(version);
  mkdirSync(dirname(target), { recursive: true });
  const work = mkdtempSync(`${target}-`);
  try {
    const deps = join(work, 'built/deps/lib');
    const lib = join(work, `built/lib/napi-v${NODE_API}`);
    for (const path of [deps, lib]) mkdirSync(path, { recursive: true });
    const wheel = download(work);
    const include = unpack(wheel, work, deps);
    compile({ folder, deps, lib, include });
    rmSync(target, { recursive: true, force: true });
    renameSync(join(work, 'built'), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function download(work) {
  console.log(`Downloading the wheel of tensorflow-cpu ${TENSORFLOW} (274 MB) ...`);
  const requirements = join(work, 'requirements.txt');
  writeFileSync(requirements, `${WHEEL.requirement}\n`);
  step('The download from PyPI', python, [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-cache-dir', '--no-deps'],
    ...['--only-binary=:all:', '--require-hashes', '-r', requirements, '-d', work, ...WHEEL.choice],
  ]);
  return join(
    work,
    readdirSync(work).find((name) => name.endsWith('.whl')),
  );
}

/** Takes the libraries and headers out of the wheel. Gives the folder of headers. */
function unpack(wheel, work, deps) {
  const program = `
import sys, zipfile
wheel, folder, *prefixes = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(folder, [name for name in archive.namelist() if name.startswith(tuple(prefixes))])
`;
  const include = 'tensorflow/include';
  const wanted = [...LIBRARIES.map((name) => `tensorflow/${name}`), ...HEADERS.map((name) => `${include}/${name}`)];
  step('Unpacking the wheel', python, ['-c', program, wheel, work, ...wanted]);
  for (const name of LIBRARIES) renameSync(join(work, 'tensorflow', name), join(deps, name));
  return join(work, include);
}

function compile({ folder, deps, lib, include }) {
  console.log(`Compiling tfjs-node's binding with ${compiler} ...`);
  const nodeApi = createRequire(import.meta.url)('node-api-headers').include_dir;
  const binding = join(folder, 'binding');
  const hush = join(deps, 'libhush.so');
  const flags = ['-std=c++17', '-O2', '-shared', '-fPIC'];
  step('Compiling hush.cc', compiler, [...flags, join(sources, 'hush.cc'), '-Wl,-soname,libhush.so', '-o', hush]);
  step("Compiling tfjs-node's binding", compiler, [
    ...[...flags, `-DNAPI_VERSION=${NODE_API}`, '-I', nodeApi, '-I', include],
    ...readdirSync(binding)
      .filter((name) => name.endsWith('.cc'))
      .map((name) => join(binding, name)),
    join(sources, 'speak-again.cc'),
    // The last of the libraries is the first to be initialised.
    ...['-Wl,--no-as-needed', ...LIBRARIES.map((name) => join(deps, name)), hush],
    ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', join(lib, 'tfjs_binding.node')],
  ]);
}

function step(title, command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0)
    throw new Error(`${title} failed${error ? `: ${error.message}` : ` (${command} ended with ${status})`}.`);
}

/**
 * Puts the build that this user has, if any, into tfjs-node's package, in place of what is there.
 * @returns whether there is one
 */
export function linkBuild(folder, version) {
  const built = cacheFolder(version);
  if (!existsSync(built)) return false;
  for (const name of ['deps', 'lib']) {
    rmSync(join(folder, name), { recursive: true, force: true });
    symlinkSync(join(built, name), join(folder, name));
  }
  return true;
}
