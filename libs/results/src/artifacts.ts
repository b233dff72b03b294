// What computes the steps of a run needs of its store: files. The database, which takes long to load, is left out.
export { openArtifacts } from './open-artifacts';
export { OUTCOMES } from './outcomes';
