import { PLAIN, type Terminal } from '@rampart/reports';

import { inColour } from './print-options';

/** What standard output is: a terminal, or a file or program, for which nothing is cut and nothing coloured. */
export function terminal(): Terminal {
  const { isTTY, columns } = process.stdout;
  const width = isTTY && columns > 0 ? columns : Number(process.env['COLUMNS']) || PLAIN.width;
  return { width, colour: inColour() };
}
