export { type BarPair, BarPairs, PAIR_LOOKS } from './bar-pairs';
export { distanceText, NORM_NAMES, type NormName, NORMS } from './norms';
export { short, widened } from './numbers';
export { bandPath, type ChartPoint, coordinate, linePath, type PathOptions, type Place } from './paths';
export { type AxisMark, type PlacedMark, placeMarks, textWidth } from './place-marks';
export { type Mark, markPath, SERIES_COLOURS, type SeriesLook, seriesLook } from './series-look';
export { SeriesBand, SeriesLine, SeriesMarks, Swatch } from './series-shapes';
export { between, type Domain, moved, zoomed, type ZoomedAxis } from './zoom';
